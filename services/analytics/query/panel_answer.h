#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PANEL_ANSWER_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PANEL_ANSWER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/measures.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// What the engine says for one of Plan::panels: the plan's measures, by the panel's periods and the
// groups of the plan's dimensions, whose numbers are those of the whole answer.
class PanelAnswer {
 public:
  static constexpr uint32_t kNoCell = 0xFFFFFFFF;

  // Asks the engine; at most `max_rows` (EngineQuery). Errors of MakeEnginePlan, StatStore::Run and
  // ComputeMeasure.
  static absl::StatusOr<PanelAnswer> Ask(const Plan& plan, const PlannedPanel& panel,
                                         const StatStore& store, uint64_t max_rows,
                                         std::function<absl::Status()> stop);

  // The cell of a period with the groups; kNoCell: it has no events.
  uint32_t Find(uint32_t period, const std::vector<uint32_t>& groups) const;
  // The groups of every cell with events, of one period or of all.
  void ForEachCell(uint32_t period,
                   absl::FunctionRef<void(const std::vector<uint32_t>& groups)> take) const {
    if (period >= cells_.size()) return;
    for (const auto& [groups, cell] : cells_[period]) take(groups);
  }
  void ForEachCell(absl::FunctionRef<void(const std::vector<uint32_t>& groups)> take) const {
    for (uint32_t period = 0; period < cells_.size(); ++period) ForEachCell(period, take);
  }
  // By measure of the plan.
  const std::vector<CellValues>& values() const { return values_; }
  uint64_t effects_scanned() const { return effects_scanned_; }

 private:
  // By period, then by groups.
  std::vector<absl::flat_hash_map<std::vector<uint32_t>, uint32_t>> cells_;
  std::vector<CellValues> values_;
  uint64_t effects_scanned_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PANEL_ANSWER_H_
