#include "services/analytics/query/cells_by_period.h"

#include <numeric>

#include "common/status/status_macros.h"

namespace tidemark::analytics {

absl::StatusOr<CellsByPeriod> CellsByPeriod::Make(const std::vector<uint32_t>& period,
                                                  uint32_t periods, const Stop& stop) {
  CellsByPeriod made;
  made.begin_.assign(periods + 1, 0);
  TM_RETURN_IF_ERROR(
      ForEachRow(period.size(), stop, [&](size_t cell) { ++made.begin_[period[cell] + 1]; }));
  std::partial_sum(made.begin_.begin(), made.begin_.end(), made.begin_.begin());
  std::vector<uint32_t> next = made.begin_;
  made.cells_.resize(period.size());
  TM_RETURN_IF_ERROR(ForEachRow(period.size(), stop, [&](size_t cell) {
    made.cells_[next[period[cell]]++] = static_cast<uint32_t>(cell);
  }));
  return made;
}

}  // namespace tidemark::analytics
