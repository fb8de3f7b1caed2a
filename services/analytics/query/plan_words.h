#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_WORDS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_WORDS_H_

#include "absl/status/status.h"
#include "services/analytics/query/plan.h"

// The steps of MakePlan and CheckWords, in this order; each reads what the ones before it left in
// the plan.
namespace tidemark::analytics {

absl::Status PlanMeasures(const Query& query, Plan* plan);
absl::Status PlanDimensions(const Query& query, Plan* plan);
// What of filters and comparisons needs no catalog.
absl::Status CheckFilters(const Query& query);
absl::Status PlanComparisons(const Query& query, Plan* plan);
// Reads the range; also refuses comparisons that its period does not have.
absl::Status CheckPeriodNames(const Query& query, const Calendar& calendar, const Plan& plan);
// Also the caller's region scope, notes and region role. After CheckFilters.
absl::Status PlanFilters(const Query& query, const PlanInputs& inputs, Plan* plan);
absl::Status PlanPeriods(const Query& query, const PlanInputs& inputs, Plan* plan);
// The last part of PlanPeriods: how the periods are compared, by which parts, and whose events.
// `coverage` is that of all sources. RESOURCE_EXHAUSTED: more panels than an answer may have.
absl::Status PlanPanels(const Coverage& coverage, Plan* plan);
absl::Status PlanSharesAndRanks(const Query& query, Plan* plan);
absl::Status PlanOrder(const Query& query, Plan* plan);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_WORDS_H_
