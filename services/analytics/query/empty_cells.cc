#include "services/analytics/query/empty_cells.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/cell_map.h"
#include "services/analytics/query/cells_by_period.h"
#include "services/analytics/query/pieces.h"

namespace tidemark::analytics {
namespace {

// Positions of the periods that may have rows without events, half-open.
std::pair<uint32_t, uint32_t> PeriodsInReach(const Plan& plan) {
  const auto periods = static_cast<uint32_t>(plan.periods.size());
  // A question for one number gets one, whatever the range.
  const bool always = plan.grain == Grain::kAll && plan.dimensions.empty();
  uint32_t first = periods, end = 0;
  for (uint32_t p = 0; p < periods; ++p) {
    if (!plan.periods[p].shown || !(always || plan.periods[p].coverage.reported)) continue;
    first = std::min(first, p);
    end = p + 1;
  }
  return {std::min(first, end), end};
}

class Filler {
 public:
  Filler(const Plan& plan, const EnginePlan& engine_plan, const std::vector<PanelAnswer>& panels,
         EngineResult* result)
      : plan_(plan),
        query_(engine_plan.query),
        panels_(panels),
        result_(*result),
        with_events_(result->period.size()),
        cells_(BoundsOf(engine_plan)) {}

  absl::Status Fill() {
    TM_ASSIGN_OR_RETURN(const CellsByPeriod by_period,
                        CellsByPeriod::Make(result_.period, query_.period_count, query_.stop));
    TM_RETURN_IF_ERROR(ForEachRow(with_events_, query_.stop, [this](size_t cell) {
      SetCellKey(result_.period[cell], result_.groups, cell, &key_);
      cells_.Insert(key_, static_cast<uint32_t>(cell));
    }));
    const auto [first, end] = PeriodsInReach(plan_);
    for (uint32_t p = first; p < end; ++p) {
      TM_RETURN_IF_ERROR(Look(query_.stop));
      if (plan_.dimensions.empty()) {
        if (by_period.Of(p).empty()) result_.period.push_back(p);
        continue;
      }
      TM_RETURN_IF_ERROR(AddMissing(p, by_period));
      if (result_.period.size() > query_.max_cells) {
        return absl::ResourceExhaustedError(absl::StrCat(
            "the answer has more than ", query_.max_cells, " cells: narrow the query"));
      }
    }
    SetZeros();
    return absl::OkStatus();
  }

 private:
  static std::vector<uint64_t> BoundsOf(const EnginePlan& engine_plan) {
    std::vector<uint64_t> bounds = {engine_plan.query.period_count};
    for (const std::vector<Group>& groups : engine_plan.groups) bounds.push_back(groups.size());
    return bounds;
  }

  // The cell of period p with the groups of `cell`, unless it is there.
  void Add(uint32_t p, const std::vector<std::vector<uint32_t>>& groups, uint32_t cell) {
    const auto next = static_cast<uint32_t>(result_.period.size());
    SetCellKey(p, groups, cell, &key_);
    if (cells_.Insert(key_, next) != next) return;
    result_.period.push_back(p);
    for (size_t d = 0; d < groups.size(); ++d) result_.groups[d].push_back(key_[d + 1]);
  }

  // Cells that are missing in period p but not in what it is compared with.
  absl::Status AddMissing(uint32_t p, const CellsByPeriod& by_period) {
    const PlannedPeriod& period = plan_.periods[p];
    std::vector<PlannedBase> bases = {period.prev, period.yoy};
    bases.insert(bases.end(), period.far.begin(), period.far.end());
    for (const PlannedBase& base : bases) {
      if (base.period == kNoBase) continue;
      // One that was read by the period's own geography is in a panel.
      const bool own = base.panel != kNoPanel;
      const PanelAnswer* const panel = own ? &panels_[static_cast<size_t>(base.panel)] : nullptr;
      const absl::Span<const uint32_t> cells =
          own ? panel->InPeriod(static_cast<uint32_t>(base.at))
              : by_period.Of(static_cast<uint32_t>(base.period));
      TM_RETURN_IF_ERROR(ForEachRow(cells.size(), query_.stop, [&](size_t i) {
        Add(p, own ? panel->groups() : result_.groups, cells[i]);
      }));
    }
    return AddYearToDate(p);
  }

  // Cells with events in the year to date, or in that of the year before.
  absl::Status AddYearToDate(uint32_t p) {
    const int32_t number = plan_.periods[p].ytd.panel;
    if (number == kNoPanel) return absl::OkStatus();
    const PanelAnswer& panel = panels_[static_cast<size_t>(number)];
    return ForEachRow(panel.cells(), query_.stop,
                      [&](size_t cell) { Add(p, panel.groups(), static_cast<uint32_t>(cell)); });
  }

  void SetZeros() {
    const size_t cells = result_.period.size();
    for (std::vector<int64_t>& values : result_.aggregates) values.resize(cells);
    for (std::vector<int64_t>& values : result_.quantiles) values.resize(cells);
    result_.purchases.resize(cells);
  }

  const Plan& plan_;
  const EngineQuery& query_;
  const std::vector<PanelAnswer>& panels_;
  EngineResult& result_;
  const size_t with_events_;
  // All that are in the answer, by period and groups.
  CellMap cells_;
  CellKey key_;
};

}  // namespace

absl::Status AddEmptyCells(const Plan& plan, const EnginePlan& engine_plan,
                           const std::vector<PanelAnswer>& panels, EngineResult* result) {
  if (!plan.dimensions.empty() && !plan.Compares()) return absl::OkStatus();
  return Filler(plan, engine_plan, panels, result).Fill();
}

}  // namespace tidemark::analytics
