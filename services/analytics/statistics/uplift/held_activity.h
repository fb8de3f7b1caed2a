#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_HELD_ACTIVITY_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_HELD_ACTIVITY_H_

#include <string>

#include "absl/status/status.h"
#include "services/analytics/statistics/uplift/uplift.h"

namespace tidemark::analytics {

// Gives a question that names no treated regions, or no days, those of an activity of the catalog,
// `activities/ID`: where it was held, at the level of the question's place, and when.
// INVALID_ARGUMENT: no such activity. FAILED_PRECONDITION (ACTIVITY_INCOMPLETE): it states no
// region at that level or below, or not both days. Errors of CatalogReader.
absl::Status TakeActivity(const StatisticContext& context, const std::string& activity,
                          UpliftQuestion* question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_HELD_ACTIVITY_H_
