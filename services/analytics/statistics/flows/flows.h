#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_FLOWS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_FLOWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

struct FlowsQuestion {
  // Filters, range and grain. Order and limit are of the flows.
  Query query;
  // Of both ends; empty: codes as recorded.
  std::string level;
  // `provider_region` or `place_of_use`.
  std::string to = "provider_region";
  // Region groups whose integration is asked for.
  std::vector<catalog_client::Ordinal> groups;
};

// Consumption from where consumers live to where it is served: tidemark.analytics.v1.Flows.
struct Flows {
  Table flows;
  Table places;
  Table totals;
  // No columns when no groups were asked for.
  Table groups;
  uint64_t effects_scanned = 0;
};

// Errors of AskTable, of StatStore, CutMappings and OrderRows; SUM_OVERFLOW.
absl::StatusOr<Flows> ComputeFlows(const StatisticContext& context, const FlowsQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_FLOWS_H_
