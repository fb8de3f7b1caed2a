#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_INTEGRATION_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_INTEGRATION_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// What the residents of a group's members consume. The rest of it, served elsewhere or who knows
// where, is in none.
struct GroupConsumption {
  __int128 total = 0;
  // Served by the consumer's own member.
  __int128 own = 0;
  // Served by other members.
  __int128 within = 0;
};

struct Integration {
  // By the period's name; empty where periods have none.
  std::map<std::string, GroupConsumption> of_period;
  uint64_t effects_scanned = 0;
};

// Of a region group. `query` has no dimensions; `to` is the place that serves. A place belongs to
// the nearest member at or above it when the event happened. Errors of PlanQuery, MakeEnginePlan,
// CutMappings and AskStore.
absl::StatusOr<Integration> MeasureIntegration(const StatisticContext& context, Query query,
                                               std::string_view to, catalog_client::Ordinal group);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_INTEGRATION_H_
