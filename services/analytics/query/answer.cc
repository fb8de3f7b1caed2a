#include "services/analytics/query/answer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/panel_answer.h"
#include "services/analytics/query/result.h"

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

// The measure that an aggregate was asked for first, as its column is called.
std::string MeasureOf(const Plan& plan, Aggregate aggregate) {
  for (const PlannedMeasure& measure : plan.measures) {
    const auto& parts = measure.word->aggregates;
    if (std::find(parts.begin(), parts.end(), aggregate) != parts.end()) return measure.column;
  }
  return "a sum";
}

// `told`, with the first sum that does not fit: whoever asks for events must see that it is an
// amount, and when.
absl::Status TooLarge(const Plan& plan, const EnginePlan& engine_plan, const StatStore& store,
                      const absl::Status& told) {
  EngineQuery wide = engine_plan.query;
  wide.wide_sums = true;
  const absl::StatusOr<EngineResult> result = store.Run(wide);
  if (!result.ok()) return told;
  for (size_t i = 0; i < wide.aggregates.size(); ++i) {
    for (size_t cell = 0; cell < result->period.size(); ++cell) {
      if (result->upper[i][cell] == result->aggregates[i][cell] >> 63) continue;
      std::string period = plan.period_name;
      if (period.empty()) period = plan.calendar->Name(plan.periods[result->period[cell]].period);
      return absl::OutOfRangeError(absl::StrCat(
          "what ", MeasureOf(plan, wide.aggregates[i]), " is made of",
          period.empty() ? "" : absl::StrCat(" in ", period),
          " does not fit 64 bits: ask for shorter periods or fewer events; were amounts sent in a "
          "wrong unit?"));
    }
  }
  return told;
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
    absl::StatusOr<EngineResult> result = store.Run(engine_plan.query);
    if (absl::IsOutOfRange(result.status())) {
      return status::WithReason(TooLarge(plan, engine_plan, store, result.status()),
                                "SUM_OVERFLOW");
    }
    return result;
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
