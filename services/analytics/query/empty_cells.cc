#include "services/analytics/query/empty_cells.h"

#include <algorithm>
#include <utility>
#include <vector>

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
  Filler(const Plan& plan, const EnginePlan& engine_plan, EngineResult* result)
      : plan_(plan), query_(engine_plan.query), index_(engine_plan, *result), result_(*result) {}

  absl::Status Fill() {
    const auto [first, end] = PeriodsInReach(plan_);
    for (uint32_t p = first; p < end; ++p) {
      if (plan_.dimensions.empty()) {
        if (index_.InPeriod(p).empty()) added_.push_back({p, 0});
        continue;
      }
      const PlannedPeriod& period = plan_.periods[p];
      AddMissing(p, period.prev, kNoBase);
      AddMissing(p, period.yoy, period.prev);
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
    uint32_t like;  // a cell with the same groups
  };

  // Cells of period p that are missing in it but not in `base`; those of `done` are added already.
  void AddMissing(uint32_t p, int32_t base, int32_t done) {
    if (base == kNoBase) return;
    for (const uint32_t cell : index_.InPeriod(static_cast<uint32_t>(base))) {
      if (index_.Find(p, cell) != CellIndex::kNoCell) continue;
      if (done != kNoBase && index_.Find(static_cast<uint32_t>(done), cell) != CellIndex::kNoCell) {
        continue;
      }
      added_.push_back({p, cell});
    }
  }

  void Append() {
    const size_t cells = result_.period.size() + added_.size();
    for (std::vector<uint32_t>& groups : result_.groups) {
      groups.reserve(cells);
      for (const Added& added : added_) groups.push_back(groups[added.like]);
    }
    for (const Added& added : added_) result_.period.push_back(added.period);
    for (std::vector<int64_t>& values : result_.aggregates) values.resize(cells);
    for (std::vector<int64_t>& values : result_.quantiles) values.resize(cells);
    result_.purchases.resize(cells);
  }

  const Plan& plan_;
  const EngineQuery& query_;
  const CellIndex index_;
  EngineResult& result_;
  std::vector<Added> added_;
};

}  // namespace

absl::Status AddEmptyCells(const Plan& plan, const EnginePlan& engine_plan, EngineResult* result) {
  if (!plan.dimensions.empty() && !plan.prev && !plan.yoy) return absl::OkStatus();
  return Filler(plan, engine_plan, result).Fill();
}

}  // namespace tidemark::analytics
