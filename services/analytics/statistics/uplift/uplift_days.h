#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_DAYS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_DAYS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/query/calendar.h"
#include "services/analytics/statistics/uplift/differences.h"
#include "services/analytics/statistics/uplift/uplift.h"

namespace tidemark::analytics {

// The days of an estimate and its placebo dates.
struct UpliftDays {
  // Ascending, without gaps but for days that the zone left out: all that is read.
  std::vector<Period> days;
  // Positions in `days`.
  Windows windows;
  // Of earlier activities of the same length on the same days of the week, the latest first; none
  // with a public holiday.
  std::vector<Windows> placebos;
};

// INVALID_ARGUMENT: a period that is none, or windows that are too long, empty or not one after the
// other. RESOURCE_EXHAUSTED (TOO_MANY_PERIODS).
absl::StatusOr<UpliftDays> PlanDays(const Calendar& calendar, const UpliftQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_DAYS_H_
