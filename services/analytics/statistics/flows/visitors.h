#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_VISITORS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_VISITORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// Pseudonyms with a purchase or service use at a place that is not their residence, each counted
// once per place and once in all. By the period's name, empty where periods have none.
struct Visitors {
  std::map<std::pair<std::string, std::string>, int64_t> of_place;
  std::map<std::string, int64_t> of_all;
  uint64_t effects_scanned = 0;
};

// `query` has the residence as its first dimension and the place of use as its second. Only events
// both of whose ends are places at that level make a visitor. Errors of PlanQuery, MakeEnginePlan
// and StatStore::EachConsumer.
absl::StatusOr<Visitors> CountVisitors(const StatisticContext& context, const Query& query);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_VISITORS_H_
