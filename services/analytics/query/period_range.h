#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PERIOD_RANGE_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PERIOD_RANGE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/analytics/query/calendar.h"

namespace tidemark::analytics {

// Half-open.
struct TimeRange {
  int64_t start_us = kBeginningOfTime;
  int64_t end_us = kEndOfTime;
};

// From the start of the period `first` to the end of the period `last`; an empty name leaves its
// side open. INVALID_ARGUMENT (PERIOD_INVALID) naming a part of `field`, which is that of a
// PeriodRange: a name that is none, or last before first.
absl::StatusOr<TimeRange> ParsePeriodRange(const Calendar& calendar, std::string_view field,
                                           std::string_view first, std::string_view last);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PERIOD_RANGE_H_
