#include "services/analytics/query/period_range.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {

absl::StatusOr<TimeRange> ParsePeriodRange(const Calendar& calendar, std::string_view field,
                                           std::string_view first, std::string_view last) {
  TimeRange range;
  const auto parse = [&](std::string_view side, std::string_view name) {
    absl::StatusOr<Period> period = calendar.Parse(name);
    if (period.ok()) return period;
    return absl::StatusOr<Period>(status::InvalidArgument(
        absl::StrCat(field, ".", side), period.status().message(), "PERIOD_INVALID"));
  };
  if (!first.empty()) {
    TM_ASSIGN_OR_RETURN(const Period period, parse("first", first));
    range.start_us = period.start_us;
  }
  if (!last.empty()) {
    TM_ASSIGN_OR_RETURN(const Period period, parse("last", last));
    range.end_us = period.end_us;
  }
  if (range.start_us < range.end_us) return range;
  return status::InvalidArgument(
      field, absl::StrCat("`", first, "` to `", last, "` holds no time; want first before last"),
      "PERIOD_INVALID");
}

}  // namespace tidemark::analytics
