#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_HISTORY_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_HISTORY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/forecast/joined_months.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// Estimating costs more than the square of it.
inline constexpr size_t kMaxHistory = 1000;

// A measure by period, as far as a forecast can go on from it: without periods that are partial at
// either end, and after the last gap.
struct History {
  // Ascending, without gaps.
  std::vector<SeriesPoint> points;
  // Name of the measure's column, and unit of the values.
  std::string column;
  std::string unit;
  std::vector<PlanNote> notes;
  RegionRole region_role = RegionRole::kNone;
  uint64_t effects_scanned = 0;
};

// `query` has one measure, no dimensions and a grain with named periods. `join`: as
// JoinJanuaryFebruary; the grain is month, and the measure adds up. Errors of AskTable;
// RESOURCE_EXHAUSTED (TOO_MANY_PERIODS): more than kMaxHistory periods are left.
absl::StatusOr<History> ReadHistory(const StatisticContext& context, const Query& query, bool join);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_HISTORY_H_
