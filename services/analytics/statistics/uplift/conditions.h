#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_CONDITIONS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_CONDITIONS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "services/analytics/query/plan.h"
#include "services/analytics/statistics/uplift/differences.h"

namespace tidemark::analytics {

// Fewer are too few: one of them alone can make the estimate.
inline constexpr size_t kFewestControls = 3;

// What an estimate must have to be relied on and has not: PRE_TREND, FEW_CONTROLS, P_FLOOR.
// `trend`: through the differences before the activity; none: too few days.
std::vector<PlanNote> FailedConditions(const std::optional<Line>& trend, size_t controls,
                                       size_t placebos);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_CONDITIONS_H_
