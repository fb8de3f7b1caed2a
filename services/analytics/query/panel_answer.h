#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PANEL_ANSWER_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PANEL_ANSWER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/cell_map.h"
#include "services/analytics/query/cells_by_period.h"
#include "services/analytics/query/measures.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// What the engine says for one of Plan::panels: the plan's measures, by the panel's periods and the
// groups of the plan's dimensions, whose numbers are those of the whole answer.
class PanelAnswer {
 public:
  static constexpr uint32_t kNoCell = 0xFFFFFFFF;

  // Asks the engine; at most `max_rows` (EngineQuery). Errors of MakeEnginePlan, StatStore::Run and
  // ComputeMeasure, what `stop` says.
  static absl::StatusOr<PanelAnswer> Ask(const Plan& plan, const PlannedPanel& panel,
                                         const StatStore& store, uint64_t max_rows,
                                         std::function<absl::Status()> stop);

  // The cell of a period with the groups; kNoCell: it has no events.
  uint32_t Find(uint32_t period, absl::Span<const uint32_t> groups) const;
  // Cells have numbers below it.
  size_t cells() const { return cells_; }
  // Those of a period of the panel.
  absl::Span<const uint32_t> InPeriod(uint32_t period) const { return by_period_.Of(period); }
  // By dimension of the plan, then by cell.
  const std::vector<std::vector<uint32_t>>& groups() const { return groups_; }
  // By measure of the plan.
  const std::vector<CellValues>& values() const { return values_; }
  uint64_t effects_scanned() const { return effects_scanned_; }

 private:
  size_t cells_ = 0;
  std::vector<std::vector<uint32_t>> groups_;
  CellsByPeriod by_period_;
  // By period, then groups.
  CellMap numbers_{{}};
  std::vector<CellValues> values_;
  uint64_t effects_scanned_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PANEL_ANSWER_H_
