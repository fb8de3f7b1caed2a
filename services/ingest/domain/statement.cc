#include "services/ingest/domain/statement.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace tidemark::ingest {

absl::StatusOr<int64_t> SumOf(absl::int128 sum, std::string_view field) {
  if (INT64_MIN <= sum && sum <= INT64_MAX) return static_cast<int64_t>(sum);
  return status::WithReason(
      absl::OutOfRangeError(absl::StrCat(
          field, ": the sum of the day's amounts is above 2^63 - 1; check what the source sends")),
      "AMOUNT_OVERFLOW");
}

}  // namespace tidemark::ingest
