#include "services/analytics/query/empty_cells.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/analytics/query/cell_index.h"

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
        index_(engine_plan, *result),
        result_(*result) {}

  absl::Status Fill() {
    const auto [first, end] = PeriodsInReach(plan_);
    for (uint32_t p = first; p < end; ++p) {
      if (plan_.dimensions.empty()) {
        if (index_.InPeriod(p).empty()) added_.push_back({p, {}});
        continue;
      }
      AddMissing(p);
      if (result_.period.size() + added_.size() > query_.max_cells) {
        return absl::ResourceExhaustedError(absl::StrCat(
            "the answer has more than ", query_.max_cells, " cells: narrow the query"));
      }
    }
    Append();
    return absl::OkStatus();
  }

 private:
  struct Added {
    uint32_t period;
    std::vector<uint32_t> groups;
  };

  std::vector<uint32_t> GroupsOf(uint32_t cell) const {
    std::vector<uint32_t> groups;
    for (const std::vector<uint32_t>& of_dimension : result_.groups) {
      groups.push_back(of_dimension[cell]);
    }
    return groups;
  }

  // Cells that are missing in period p but not in what it is compared with.
  void AddMissing(uint32_t p) {
    const PlannedPeriod& period = plan_.periods[p];
    absl::flat_hash_set<std::vector<uint32_t>> missing;
    const auto add = [&](const PlannedBase& base) {
      if (base.period == kNoBase || base.panel != kNoPanel) return;
      for (const uint32_t cell : index_.InPeriod(static_cast<uint32_t>(base.period))) {
        if (index_.Find(p, cell) == CellIndex::kNoCell) missing.insert(GroupsOf(cell));
      }
    };
    add(period.prev);
    add(period.yoy);
    for (const PlannedBase& base : period.far) add(base);
    AddOfPanels(p, &missing);
    for (const std::vector<uint32_t>& groups : missing) added_.push_back({p, groups});
  }

  // Cells with events in the year to date, in that of the year before, or in a base that was read
  // by the period's own geography.
  void AddOfPanels(uint32_t p, absl::flat_hash_set<std::vector<uint32_t>>* missing) {
    const PlannedPeriod& period = plan_.periods[p];
    std::vector<PlannedBase> bases = {period.prev, period.yoy};
    bases.insert(bases.end(), period.far.begin(), period.far.end());
    std::erase_if(bases, [](const PlannedBase& base) { return base.panel == kNoPanel; });
    const int32_t to_date = period.ytd.panel;
    if (bases.empty() && to_date == kNoPanel) return;
    absl::flat_hash_set<std::vector<uint32_t>> own;
    for (const uint32_t cell : index_.InPeriod(p)) own.insert(GroupsOf(cell));
    const auto add = [&](const std::vector<uint32_t>& groups) {
      if (!own.contains(groups)) missing->insert(groups);
    };
    for (const PlannedBase& base : bases) {
      panels_[static_cast<size_t>(base.panel)].ForEachCell(static_cast<uint32_t>(base.at), add);
    }
    if (to_date != kNoPanel) panels_[static_cast<size_t>(to_date)].ForEachCell(add);
  }

  void Append() {
    const size_t cells = result_.period.size() + added_.size();
    for (size_t d = 0; d < result_.groups.size(); ++d) {
      result_.groups[d].reserve(cells);
      for (const Added& added : added_) result_.groups[d].push_back(added.groups[d]);
    }
    for (const Added& added : added_) result_.period.push_back(added.period);
    for (std::vector<int64_t>& values : result_.aggregates) values.resize(cells);
    for (std::vector<int64_t>& values : result_.quantiles) values.resize(cells);
    result_.purchases.resize(cells);
  }

  const Plan& plan_;
  const EngineQuery& query_;
  const std::vector<PanelAnswer>& panels_;
  const CellIndex index_;
  EngineResult& result_;
  std::vector<Added> added_;
};

}  // namespace

absl::Status AddEmptyCells(const Plan& plan, const EnginePlan& engine_plan,
                           const std::vector<PanelAnswer>& panels, EngineResult* result) {
  if (!plan.dimensions.empty() && !plan.Compares()) return absl::OkStatus();
  return Filler(plan, engine_plan, panels, result).Fill();
}

}  // namespace tidemark::analytics
