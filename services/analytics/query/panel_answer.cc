#include "services/analytics/query/panel_answer.h"

#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/engine_plan.h"

namespace tidemark::analytics {
namespace {

// The plan for the panel's periods and sources alone.
Plan PlanOf(const Plan& plan, const PlannedPanel& panel) {
  Plan part;
  part.view = plan.view;
  part.calendar = plan.calendar;
  part.snapshot = plan.snapshot;
  part.grain = plan.grain;
  part.geographies = plan.geographies;
  part.measures = plan.measures;
  part.dimensions = plan.dimensions;
  part.filters = plan.filters;
  part.periods = panel.periods;
  if (panel.sources != nullptr) {
    part.filters.push_back({.word = FindDimension("source"), .codes = *panel.sources});
  }
  return part;
}

}  // namespace

absl::StatusOr<PanelAnswer> PanelAnswer::Ask(const Plan& plan, const PlannedPanel& panel,
                                             const StatStore& store, uint64_t max_rows,
                                             std::function<absl::Status()> stop) {
  const Plan part = PlanOf(plan, panel);
  TM_ASSIGN_OR_RETURN(EnginePlan engine_plan, MakeEnginePlan(part, store));
  engine_plan.query.max_rows = max_rows;
  engine_plan.query.stop = std::move(stop);
  absl::StatusOr<EngineResult> result = store.Run(engine_plan.query);
  if (absl::IsOutOfRange(result.status())) {
    return status::WithReason(result.status(), "SUM_OVERFLOW");
  }
  if (!result.ok()) return result.status();
  PanelAnswer answer;
  answer.effects_scanned_ = result->effects_scanned;
  for (const PlannedMeasure& measure : plan.measures) {
    TM_ASSIGN_OR_RETURN(answer.values_.emplace_back(),
                        ComputeMeasure(measure, engine_plan.query, *result,
                                       static_cast<int>(plan.view->observatory()->scale)));
  }
  answer.cells_.resize(panel.periods.size());
  for (uint32_t cell = 0; cell < result->period.size(); ++cell) {
    std::vector<uint32_t> key;
    key.reserve(result->groups.size());
    for (const std::vector<uint32_t>& groups : result->groups) key.push_back(groups[cell]);
    answer.cells_[result->period[cell]].emplace(std::move(key), cell);
  }
  return answer;
}

uint32_t PanelAnswer::Find(uint32_t period, const std::vector<uint32_t>& groups) const {
  const auto found = cells_[period].find(groups);
  return found == cells_[period].end() ? kNoCell : found->second;
}

}  // namespace tidemark::analytics
