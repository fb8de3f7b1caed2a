#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_RESULT_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_RESULT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/panel_answer.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// The answer to `plan` out of what the engine computed for `engine_plan` and for each of the plan's
// panels: rows without events, measures, comparisons, shares, ranks, coverage, in the plan's order.
// OUT_OF_RANGE (SUM_OVERFLOW): a difference does not fit 64 bits. Errors of AddEmptyCells.
absl::StatusOr<Table> MakeTable(const Plan& plan, const EnginePlan& engine_plan,
                                EngineResult result, const std::vector<PanelAnswer>& panels);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_RESULT_H_
