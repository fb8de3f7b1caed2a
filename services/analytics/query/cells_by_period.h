#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_CELLS_BY_PERIOD_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_CELLS_BY_PERIOD_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/analytics/query/pieces.h"

namespace tidemark::analytics {

// CellsByPeriod: which cells of an engine's answer are of a period.
class CellsByPeriod {
 public:
  CellsByPeriod() = default;

  // `period`: by cell, below `periods`. What `stop` says.
  static absl::StatusOr<CellsByPeriod> Make(const std::vector<uint32_t>& period, uint32_t periods,
                                            const Stop& stop);

  // Ascending.
  absl::Span<const uint32_t> Of(uint32_t period) const {
    return absl::MakeConstSpan(cells_).subspan(begin_[period], begin_[period + 1] - begin_[period]);
  }

 private:
  std::vector<uint32_t> cells_;
  // Cells of period p are cells_[begin_[p]] up to cells_[begin_[p + 1]].
  std::vector<uint32_t> begin_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_CELLS_BY_PERIOD_H_
