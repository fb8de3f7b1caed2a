#include "services/ingest/domain/rejection.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::ingest {
namespace {

struct Entry {
  std::string_view name;
  absl::StatusCode code;
  bool final = false;
};

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr bool kFinal = true;
constexpr std::array<Entry, kReasonCount> kEntries = {{
    {"MALFORMED_EVENT", kInvalid, kFinal},
    {"INVALID_UTF8", kInvalid, kFinal},
    {"FIELD_REQUIRED", kInvalid, kFinal},
    {"CODE_EMPTY", kInvalid, kFinal},
    {"TOO_LONG", kInvalid, kFinal},
    {"CONTROL_CHARACTER", kInvalid, kFinal},
    {"ENUM_UNKNOWN", kInvalid},
    {"FIELD_NOT_ALLOWED", kInvalid, kFinal},
    {"OUT_OF_RANGE", kInvalid, kFinal},
    {"PREHASHED_SIZE", kInvalid, kFinal},
    {"ATTRIBUTES_TOO_LARGE", kInvalid, kFinal},
    {"ORIGINAL_IS_SELF", kInvalid, kFinal},
    {"UNKNOWN_SOURCE", kInvalid},
    {"UNKNOWN_REGION", kInvalid},
    {"UNKNOWN_CATEGORY", kInvalid},
    {"UNKNOWN_SCHEME", kInvalid},
    {"UNKNOWN_CODE", kInvalid},
    {"CODE_NOT_VALID_AT_TIME", kInvalid},
    {"OUTSIDE_REPORTING_WINDOW", kInvalid},
    {"SOURCE_NOT_ALLOWED", absl::StatusCode::kPermissionDenied},
    {"SCHEME_NOT_ALLOWED", kInvalid},
    {"SCHEME_WRONG_CLASS", kInvalid},
    {"IDENTIFIER_INVALID", kInvalid},
    {"CURRENCY_MISMATCH", kInvalid},
    {"BEFORE_OBSERVATORY_START", kInvalid},
    {"TIME_IN_FUTURE", kInvalid},
    {"TOO_MANY_NEW_CODES", absl::StatusCode::kResourceExhausted},
    {"TOO_MANY_WAITING_REFUNDS", absl::StatusCode::kResourceExhausted},
    {"CONTENT_CONFLICT", absl::StatusCode::kAlreadyExists, kFinal},
}};

}  // namespace

std::string_view NameOf(Reason reason) { return kEntries[static_cast<size_t>(reason)].name; }
absl::StatusCode CodeOf(Reason reason) { return kEntries[static_cast<size_t>(reason)].code; }
bool IsFinal(Reason reason) { return kEntries[static_cast<size_t>(reason)].final; }

absl::Status ToStatus(const Rejection& rejection) {
  const std::string_view field = NameOf(rejection.field);
  const absl::StatusCode code = CodeOf(rejection.reason);
  if (code == kInvalid) {
    return status::InvalidArgument(field, rejection.message, NameOf(rejection.reason));
  }
  absl::Status status(code, absl::StrCat(field, ": ", rejection.message));
  status = status::WithReason(std::move(status), NameOf(rejection.reason));
  return status::WithFieldViolation(std::move(status), field, rejection.message);
}

std::string Quoted(std::string_view code) {
  constexpr size_t kShown = 64;
  if (code.size() <= kShown) return absl::StrCat("\"", code, "\"");
  size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(code[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat("\"", code.substr(0, end), "…\"");
}

}  // namespace tidemark::ingest
