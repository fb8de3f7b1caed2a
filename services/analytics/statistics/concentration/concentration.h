#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CONCENTRATION_CONCENTRATION_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CONCENTRATION_CONCENTRATION_H_

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// How the gross of cells is concentrated on providers: tidemark.analytics.v1.Concentration.
// `query` has dimensions, filters, range, grain, and the order and limit of the rows. Errors of
// AskTable, MakeEnginePlan, CutMappings, StatStore::Run and OrderRows; INVALID_ARGUMENT
// (PROVIDER_DIMENSION).
absl::StatusOr<Table> ComputeConcentration(const StatisticContext& context, const Query& query);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CONCENTRATION_CONCENTRATION_H_
