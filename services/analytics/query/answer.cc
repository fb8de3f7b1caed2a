#include "services/analytics/query/answer.h"

#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/analytics/query/panel_answer.h"
#include "services/analytics/query/result.h"
#include "services/analytics/query/sum_overflow.h"

namespace tidemark::analytics {
namespace {

constexpr uint64_t kQuickRows = 32'768;
constexpr uint64_t kQuickCells = 4'096;
constexpr size_t kQuickPanels = 2;

// Rows that the answer may have, with those for zero.
uint64_t PossibleCells(const EngineQuery& query) {
  uint64_t cells = query.period_count;
  for (const Grouping& grouping : query.groupings) {
    if (cells > kQuickCells) break;
    cells *= grouping.group_count;
  }
  return cells;
}

absl::StatusOr<Table> Run(const Plan& plan, const EnginePlan& engine_plan, const StatStore& store) {
  TM_ASSIGN_OR_RETURN(const std::vector<PanelAnswer> panels,
                      AskPanels(plan, engine_plan.query, store));
  TM_ASSIGN_OR_RETURN(EngineResult result, AskStore(plan, engine_plan, store));
  return MakeTable(plan, engine_plan, std::move(result), panels);
}

}  // namespace

absl::StatusOr<std::vector<PanelAnswer>> AskPanels(const Plan& plan, const EngineQuery& query,
                                                   const StatStore& store) {
  std::vector<PanelAnswer> panels;
  for (const PlannedPanel& panel : plan.panels) {
    TM_ASSIGN_OR_RETURN(panels.emplace_back(),
                        PanelAnswer::Ask(plan, panel, store, query.max_rows, query.stop));
  }
  return panels;
}

absl::StatusOr<EngineResult> AskStore(const Plan& plan, const EnginePlan& engine_plan,
                                      const StatStore& store) {
  if (plan.has_effects) {
    return RunNamingOverflow(plan, engine_plan.query, store);
  }
  EngineResult nothing;
  nothing.groups.resize(engine_plan.query.groupings.size());
  nothing.aggregates.resize(engine_plan.query.aggregates.size());
  nothing.quantiles.resize(engine_plan.query.quantiles.size());
  return nothing;
}

absl::StatusOr<Table> Answer(const Plan& plan, const StatStore& store,
                             std::function<absl::Status()> stop) {
  TM_ASSIGN_OR_RETURN(EnginePlan engine_plan, MakeEnginePlan(plan, store));
  engine_plan.query.stop = std::move(stop);
  return Run(plan, engine_plan, store);
}

absl::StatusOr<Table> AnswerIfQuick(const Plan& plan, const StatStore& store) {
  if (plan.periods.size() > kQuickCells) return absl::AbortedError("many periods");
  if (plan.panels.size() > kQuickPanels) return absl::AbortedError("many panels");
  TM_ASSIGN_OR_RETURN(EnginePlan engine_plan, MakeEnginePlan(plan, store));
  if (PossibleCells(engine_plan.query) > kQuickCells) return absl::AbortedError("many cells");
  engine_plan.query.max_rows = kQuickRows;
  return Run(plan, engine_plan, store);
}

}  // namespace tidemark::analytics
