#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_SUM_OVERFLOW_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_SUM_OVERFLOW_H_

#include "absl/status/statusor.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// As StatStore::Run of the plan's query. OUT_OF_RANGE has the reason SUM_OVERFLOW, and names the
// measure and the period of the first sum that does not fit: whoever asks for events must see that
// it is an amount, and when.
absl::StatusOr<EngineResult> RunNamingOverflow(const Plan& plan, const EngineQuery& query,
                                               const StatStore& store);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_SUM_OVERFLOW_H_
