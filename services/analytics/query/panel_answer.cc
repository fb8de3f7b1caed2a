#include "services/analytics/query/panel_answer.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/pieces.h"
#include "services/analytics/query/sum_overflow.h"

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
  TM_ASSIGN_OR_RETURN(EngineResult result, RunNamingOverflow(part, engine_plan.query, store));
  PanelAnswer answer;
  answer.effects_scanned_ = result.effects_scanned;
  for (const PlannedMeasure& measure : plan.measures) {
    TM_ASSIGN_OR_RETURN(answer.values_.emplace_back(),
                        ComputeMeasure(measure, engine_plan.query, result,
                                       static_cast<int>(plan.view->observatory()->scale)));
  }
  const Stop& stopped = engine_plan.query.stop;
  answer.cells_ = result.period.size();
  TM_ASSIGN_OR_RETURN(answer.by_period_,
                      CellsByPeriod::Make(result.period, engine_plan.query.period_count, stopped));
  std::vector<uint64_t> bounds = {engine_plan.query.period_count};
  for (const std::vector<Group>& groups : engine_plan.groups) bounds.push_back(groups.size());
  answer.numbers_ = CellMap(bounds);
  CellKey key;
  TM_RETURN_IF_ERROR(ForEachRow(answer.cells_, stopped, [&](size_t cell) {
    SetCellKey(result.period[cell], result.groups, cell, &key);
    answer.numbers_.Insert(key, static_cast<uint32_t>(cell));
  }));
  answer.groups_ = std::move(result.groups);
  return answer;
}

uint32_t PanelAnswer::Find(uint32_t period, absl::Span<const uint32_t> groups) const {
  CellKey key = {period};
  key.insert(key.end(), groups.begin(), groups.end());
  return numbers_.Find(key);
}

}  // namespace tidemark::analytics
