#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CO_CONSUMPTION_CO_CONSUMPTION_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CO_CONSUMPTION_CO_CONSUMPTION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// What may be asked for besides the dimensions of queries: goods, services or both, as the catalog
// says of an event's category.
inline constexpr char kCategoryNature[] = "category_nature";

struct CoConsumptionQuestion {
  // Filters, range and grain. Order and limit are of the pairs.
  Query query;
  // The members are its codes.
  Query::DimensionRef dimension;
  // Only pairs of a category of goods and one of services.
  bool goods_and_services = false;
  // 0: no sequence.
  uint32_t within_days = 0;
};

// Who consumes of several: tidemark.analytics.v1.CoConsumption.
struct CoConsumption {
  Table pairs;
  Table members;
  Table totals;
  uint64_t effects_scanned = 0;
};

inline constexpr uint32_t kMaxCoMembers = 400;

// Errors of AskTable, MakeEnginePlan, StatStore::EachConsumer, SharedConsumers and OrderRows;
// RESOURCE_EXHAUSTED (TOO_MANY_MEMBERS). Fields of the dimension are `dimension.`
absl::StatusOr<CoConsumption> ComputeCoConsumption(const StatisticContext& context,
                                                   const CoConsumptionQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CO_CONSUMPTION_CO_CONSUMPTION_H_
