#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_SINK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_SINK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/analytics/store/scan_block.h"
#include "services/analytics/store/sum_layout.h"

namespace tidemark::analytics {

// The sums of a layout per cell, signs honoured.
// `Total` is int64_t where no sum can pass 2^62, else __int128.
template <typename Total>
class SumSink final : public Sink {
 public:
  // The layout must outlive the sink.
  SumSink(size_t cells, const SumLayout& layout);

  // Memory of such a sink.
  static uint64_t BytesFor(uint64_t cells, const SumLayout& layout) {
    return WaysFor(cells, layout) * cells * layout.cell_size() * sizeof(Total);
  }

  void Add(ScanBlock& block) override;
  bool has_rows() const { return has_rows_; }
  // Once, after all rows: from then on there are only results.
  void Finish();
  // Adds cells [begin, end). Both finished.
  void Merge(const SumSink& other, size_t begin, size_t end);

  // Some row fell into the cell.
  bool Touched(size_t cell) const;
  // Of a cell.
  __int128 Sum(size_t cell, const SumLayout::Terms& terms) const {
    const Total* const sums = At(cell);
    __int128 sum = 0;
    for (const SumLayout::Term& term : terms)
      sum += term.sign > 0 ? __int128{sums[term.place]} : -__int128{sums[term.place]};
    return sum;
  }

 private:
  // Neighbouring rows are mostly of one cell and kind: where cells are few, rows go to several
  // copies of them in turn, so that a row need not wait for the sum of the one before it.
  static constexpr size_t kWays = 4;
  static constexpr uint64_t kBytesOfCopies = 128 << 10;
  static size_t WaysFor(uint64_t cells, const SumLayout& layout) {
    return kWays * cells * layout.cell_size() * sizeof(Total) <= kBytesOfCopies ? kWays : 1;
  }

  const Total* At(size_t cell) const { return sums_.data() + cell * layout_.cell_size(); }
  template <int kValues>
  void AddRows(size_t begin, size_t end, Total* const* ways);
  template <int kValues>
  void AddBlock(const ScanBlock& block);
  void AddToOneCell(const ScanBlock& block);
  void AddRowByRow(const ScanBlock& block);
  void AddNegative(const ScanBlock& block);

  const SumLayout& layout_;
  const size_t cells_;
  const size_t ways_;
  // Made with the first row, by the thread that reads it.
  std::vector<Total> sums_;
  bool has_rows_ = false;
  std::array<uint8_t, 64> place_of_class_ = {};  // of the slot, in a cell
  // By slot: keep of the classes in it, 0xFF or 0.
  std::vector<std::array<uint8_t, 256>> classes_of_slot_;
  std::vector<uint32_t> places_;                             // of rows: scratch
  std::array<const int64_t*, kSumColumnCount> values_ = {};  // of the block, by value of the layout
  std::vector<int64_t> identified_;                          // scratch
  RowSelection rows_of_slot_;                                // scratch
};

extern template class SumSink<int64_t>;
extern template class SumSink<__int128>;

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_SINK_H_
