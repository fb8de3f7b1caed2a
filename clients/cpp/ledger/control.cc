#include "clients/cpp/ledger/control.h"

#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"

namespace tidemark::ledger {
namespace {

using base::AppendVarint;
using base::ConsumeVarint;
using base::ZigZagEncode;

// A principal is optional: 0 for absent, else the text's size + 1.
void AppendPrincipal(std::string_view principal, std::string* out) {
  AppendVarint(Absent(principal) ? 0 : principal.size() + 1, out);
  out->append(principal);
}

bool ConsumePrincipal(std::string_view* data, std::string_view* principal) {
  uint64_t size = 0;
  if (!ConsumeVarint(data, &size)) return false;
  if (size == 0) return true;
  return size - 1 <= kMaxTextBytes && wire::ConsumeBytes(data, size - 1, principal);
}

absl::Status CheckPrincipal(std::string_view principal) {
  if (principal.size() <= kMaxTextBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("principal: ", principal.size(), " bytes, want at most ", kMaxTextBytes));
}

absl::Status Damaged(std::string_view kind) {
  return absl::DataLossError(absl::StrCat(kind, " record: the body is cut short or not canonical"));
}

bool ConsumeInto(std::string_view* data, uint8_t* out, size_t size) {
  std::string_view bytes;
  if (!wire::ConsumeBytes(data, size, &bytes)) return false;
  std::memcpy(out, bytes.data(), size);
  return true;
}

}  // namespace

absl::Status EncodeBody(const CatalogMark& mark, std::string* out) {
  AppendVarint(mark.version, out);
  out->append(mark.hash.begin(), mark.hash.end());
  return absl::OkStatus();
}

absl::Status EncodeBody(const SourceDay& day, std::string* out) {
  if (day.source.empty() || day.source.size() > kMaxIdentityBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("source: ", day.source.size(), " bytes, want 1 to ", kMaxIdentityBytes));
  }
  if (absl::Status status = CheckPrincipal(day.principal); !status.ok()) return status;
  wire::AppendText(day.source, out);
  AppendVarint(ZigZagEncode(day.day), out);
  AppendVarint(day.events, out);
  AppendVarint(ZigZagEncode(day.gross), out);
  AppendVarint(ZigZagEncode(day.refunds), out);
  AppendPrincipal(day.principal, out);
  return absl::OkStatus();
}

absl::Status EncodeBody(const Erasure& erasure, std::string* out) {
  if (erasure.leaves.empty())
    return absl::InvalidArgumentError("leaves: empty, want at least one range");
  if (absl::Status status = CheckPrincipal(erasure.principal); !status.ok()) return status;
  std::string body(erasure.group_id.begin(), erasure.group_id.end());
  AppendVarint(erasure.leaves.size(), &body);
  uint64_t last = 0;
  bool first = true;
  for (const LeafRange& range : erasure.leaves) {
    if (range.begin >= range.end || range.end > kMaxLeaf || (!first && range.begin <= last)) {
      return absl::InvalidArgumentError(
          absl::StrCat("leaves: [", range.begin, ", ", range.end,
                       ") is empty or does not come after and apart from the last"));
    }
    AppendVarint(range.begin - last, &body);
    AppendVarint(range.end - range.begin, &body);
    last = range.end;
    first = false;
  }
  AppendPrincipal(erasure.principal, &body);
  if (body.size() > kMaxControlBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "leaves: ", erasure.leaves.size(), " ranges take ", body.size(), " bytes, want at most ",
        kMaxControlBytes, "; use several records with the same group id"));
  }
  out->append(body);
  return absl::OkStatus();
}

absl::StatusOr<CatalogMark> DecodeCatalogMark(std::string_view body) {
  CatalogMark mark;
  if (!ConsumeVarint(&body, &mark.version) ||
      !ConsumeInto(&body, mark.hash.data(), mark.hash.size()) || !body.empty()) {
    return Damaged("CATALOG_MARK");
  }
  return mark;
}

absl::StatusOr<SourceDay> DecodeSourceDay(std::string_view body) {
  SourceDay day;
  int64_t number = 0;
  const bool ok = wire::ConsumeText(&body, &day.source) && !day.source.empty() &&
                  day.source.size() <= kMaxIdentityBytes && wire::ConsumeSigned(&body, &number) &&
                  ConsumeVarint(&body, &day.events) && wire::ConsumeSigned(&body, &day.gross) &&
                  wire::ConsumeSigned(&body, &day.refunds) &&
                  ConsumePrincipal(&body, &day.principal) && body.empty() &&
                  number >= std::numeric_limits<int32_t>::min() &&
                  number <= std::numeric_limits<int32_t>::max();
  if (!ok) return Damaged("SOURCE_DAY");
  day.day = static_cast<int32_t>(number);
  return day;
}

absl::StatusOr<Erasure> DecodeErasure(std::string_view body, std::vector<LeafRange>* ranges) {
  Erasure erasure;
  ranges->clear();
  uint64_t count = 0;
  // A range takes at least two bytes, so that the count cannot ask for more memory than the body is
  // worth.
  if (!ConsumeInto(&body, erasure.group_id.data(), erasure.group_id.size()) ||
      !ConsumeVarint(&body, &count) || count == 0 || count > body.size() / 2) {
    return Damaged("ERASURE");
  }
  uint64_t last = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t gap = 0, size = 0;
    if (!ConsumeVarint(&body, &gap) || !ConsumeVarint(&body, &size) || (i > 0 && gap == 0) ||
        size == 0 || gap > kMaxLeaf - last || size > kMaxLeaf - last - gap) {
      return Damaged("ERASURE");
    }
    ranges->push_back({last + gap, last + gap + size});
    last += gap + size;
  }
  if (!ConsumePrincipal(&body, &erasure.principal) || !body.empty()) return Damaged("ERASURE");
  erasure.leaves = *ranges;
  return erasure;
}

}  // namespace tidemark::ledger
