#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_FIRST_CELLS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_FIRST_CELLS_H_

#include "absl/status/status.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// Leaves out of the engine's answer most of the cells whose rows the plan's limit cuts off, where
// that changes nothing in the rows that are left: each is made of its own cell alone. To be called
// before cells without events are added. Errors of ComputeMeasure.
absl::Status KeepFirstCells(const Plan& plan, const EnginePlan& engine_plan, EngineResult* result);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_FIRST_CELLS_H_
