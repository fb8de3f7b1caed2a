#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_EMPTY_CELLS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_EMPTY_CELLS_H_

#include <vector>

#include "absl/status/status.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/panel_answer.h"

namespace tidemark::analytics {

// Adds to the engine's answer the cells without events that have rows all the same
// (docs/statistics.md, "Rows"), with 0 for every number: without dimensions, of the periods from
// the first to the last that a source reports in; with comparisons, of the same periods, where a
// base has events, or the year to date has. `panels`: by Plan::panels. RESOURCE_EXHAUSTED: more
// cells than the query may have.
absl::Status AddEmptyCells(const Plan& plan, const EnginePlan& engine_plan,
                           const std::vector<PanelAnswer>& panels, EngineResult* result);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_EMPTY_CELLS_H_
