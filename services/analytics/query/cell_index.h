#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_INDEX_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/key_sort.h"

namespace tidemark::analytics {

// CellIndex: the cells of an engine's answer in the order of rows (period, then dimensions by
// member), and found by it. Refers to what it was made of. Immutable.
class CellIndex {
 public:
  static constexpr uint32_t kNoCell = 0xFFFFFFFF;

  CellIndex(const EnginePlan& plan, const EngineResult& result);

  // What the query's stop said while it was made; not OK: ask nothing else.
  const absl::Status& status() const { return status_; }

  // All cells, sorted.
  const std::vector<uint32_t>& order() const { return order_; }
  // The groups of a dimension that occur, sorted: codes, UNALLOCATED, UNKNOWN, each by code point.
  const std::vector<uint32_t>& members(size_t dimension) const { return members_[dimension]; }
  // Position of a cell's group in members().
  uint32_t member(size_t dimension, uint32_t cell) const { return ranks_[dimension][cell]; }
  // The cells of a period, sorted.
  absl::Span<const uint32_t> InPeriod(uint32_t period) const {
    return absl::MakeConstSpan(order_).subspan(begin_[period], begin_[period + 1] - begin_[period]);
  }
  // The cell of `period` with the groups of `cell`; kNoCell: there is none.
  uint32_t Find(uint32_t period, uint32_t cell) const;

 private:
  absl::Status Make(const EnginePlan& plan);
  absl::Status RankGroups(const EnginePlan& plan, size_t dimension);
  absl::Status Sort(const Stop& stop);
  absl::Status SortByKeys(const Stop& stop);
  int CompareGroups(uint32_t a, uint32_t b) const;
  // Period and ranks in one number, which orders as they do.
  uint64_t KeyOf(uint32_t period, uint32_t cell) const {
    uint64_t key = period;
    for (size_t d = 0; d < ranks_.size(); ++d) key = key << bits_[d] | ranks_[d][cell];
    return key;
  }

  const EngineResult& result_;
  std::vector<std::vector<uint32_t>> members_;
  std::vector<std::vector<uint32_t>> ranks_;
  // By dimension: of the ranks in a key.
  std::vector<int> bits_;
  std::vector<uint32_t> order_;
  // Keys and cells in the same order; empty when a key does not fit 64 bits.
  std::vector<KeyedRow> keys_;
  // Cells of period p are order_[begin_[p]] up to order_[begin_[p + 1]].
  std::vector<uint32_t> begin_;
  absl::Status status_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_INDEX_H_
