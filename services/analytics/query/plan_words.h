#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_WORDS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_WORDS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/query/plan.h"

// The steps of MakePlan and CheckWords, in this order; each reads what the ones before it left in
// the plan.
namespace tidemark::analytics {

absl::Status PlanMeasures(const Query& query, Plan* plan);
// Position of a measure that was asked for, of an additive one, and of a dimension of the query;
// `item` is the path of what names it, such as `query.shares[0]`.
absl::StatusOr<int> FindMeasured(const Plan& plan, std::string_view field,
                                 std::string_view measure);
absl::StatusOr<int> FindAdditive(const Plan& plan, std::string_view item, std::string_view measure);
absl::StatusOr<int> FindPlanned(const Plan& plan, std::string_view item,
                                std::string_view dimension);
// What a part is compared with; an empty dimension is all of them.
absl::StatusOr<PlannedWhole> PlanWhole(const Plan& plan, std::string_view item,
                                       std::string_view dimension, std::string_view level);
absl::Status PlanDimensions(const Query& query, Plan* plan);
// By which state places are judged; a null calendar leaves the moment open.
absl::Status PlanGeography(const Query& query, const Calendar* calendar, Plan* plan);
// The geography of every period: by its own moment those that are shown, others by that of the
// first that is compared with them. Once the periods and what they are compared with are known, and
// whatever shares and contributions are of.
// `a, b, c and 4 more`: the first three of the names, and how many more there are.
std::string NamedFew(const std::vector<std::string>& names);
void PlanPeriodGeographies(Plan* plan);
// After it: MEMBERSHIP_EMPTY where a filter's groups have no member in a period that is shown.
void NoteEmptyGroups(Plan* plan);
// What of filters and comparisons needs no catalog.
absl::Status CheckFilters(const Query& query);
absl::Status PlanComparisons(const Query& query, Plan* plan);
// Reads the range and the index base; also refuses comparisons that the range's period does not
// have.
absl::Status CheckPeriodNames(const Query& query, const Calendar& calendar, Plan* plan);
// Also the caller's region scope, notes and region role. After CheckFilters.
absl::Status PlanFilters(const Query& query, const PlanInputs& inputs, Plan* plan);
absl::Status PlanPeriods(const Query& query, const PlanInputs& inputs, Plan* plan);
// The last part of PlanPeriods: how the periods are compared, by which parts, and whose events.
// `coverage` is that of all sources. RESOURCE_EXHAUSTED: more panels than an answer may have.
// INVALID_ARGUMENT (GRAIN_INVALID): the fiscal year starts inside a period that YTD is asked of.
absl::Status PlanPanels(const Coverage& coverage, Plan* plan);
absl::Status PlanShares(const Query& query, Plan* plan);
// After everything that has columns of numbers.
absl::Status PlanRanks(const Query& query, Plan* plan);
// Contributions and location quotients. After PlanComparisons.
absl::Status PlanStandings(const Query& query, Plan* plan);
// Figures per head and ratios to GDP, and the place of a row. After PlanFilters.
absl::Status PlanPerHead(const Query& query, Plan* plan);
absl::Status PlanOrder(const Query& query, Plan* plan);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PLAN_WORDS_H_
