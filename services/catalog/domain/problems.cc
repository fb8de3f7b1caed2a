#include "services/catalog/domain/problems.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::catalog {
namespace {
// gRPC carries details in response metadata, which is limited to 8 KiB by default.
constexpr size_t kKept = 10;
}  // namespace

void Problems::Add(std::string field, std::string message, std::string_view reason) {
  ++count_;
  if (kept_.size() < kKept) kept_.push_back({std::move(field), std::move(message), reason});
}

absl::Status Problems::ToStatus(absl::StatusCode code) const {
  if (empty()) return absl::OkStatus();
  const Problem& first = kept_.front();
  std::string message = absl::StrCat(first.field, ": ", first.message);
  if (count_ > 1) absl::StrAppend(&message, " (and ", count_ - 1, " more)");
  absl::Status status(code, message);
  for (const Problem& problem : kept_) {
    status = status::WithFieldViolation(std::move(status), problem.field, problem.message);
  }
  return status::WithReason(std::move(status), first.reason);
}

void Report::Add(std::string_view field, std::string_view message, std::string_view reason) {
  const std::string prefix = index_ < 0 ? "" : absl::StrCat("resources[", index_, "].");
  problems_->Add(absl::StrCat(prefix, field),
                 name_.empty() ? std::string(message) : absl::StrCat(name_, ": ", message), reason);
}

void Report::AddTyped(std::string_view field, std::string_view message, std::string_view reason) {
  const bool whole = field.empty() || type_field_.empty();
  Add(whole ? absl::StrCat(type_field_, field) : absl::StrCat(type_field_, ".", field), message,
      reason);
}

}  // namespace tidemark::catalog
