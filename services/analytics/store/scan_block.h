#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_SCAN_BLOCK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_SCAN_BLOCK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/analytics/store/cell_space.h"
#include "services/analytics/store/columns.h"
#include "services/analytics/store/row_selection.h"
#include "services/analytics/store/scan_plan.h"

namespace tidemark::analytics {

// The rows of a block that pass, and their cells. Columns are decoded when first asked for.
class ScanBlock {
 public:
  ScanBlock();

  size_t size() const { return selection_.size(); }
  // Dense cell number of each row. When constant_cell(), all are cells()[0].
  const uint32_t* cells() const { return cells_.get(); }
  bool constant_cell() const { return constant_cell_; }
  const RowGroup& group() const { return *group_; }
  // Effect classes; consumers or orders; amounts, vouchers or quantities. A pointer is good for the
  // block: ids and values of several columns can be had side by side.
  const uint8_t* Classes();
  const uint8_t* classes() const { return class_of_; }  // once Classes() was asked for
  const uint32_t* Ids(int slot);
  const int64_t* Values(int slot);
  // Event times, µs.
  const int64_t* Times();

 private:
  friend class BlockReader;

  const RowGroup* group_ = nullptr;
  size_t start_ = 0;
  RowSelection selection_;  // of rows from start_ on
  bool constant_cell_ = false;
  template <typename T>
  struct Decoded {
    std::unique_ptr<T[]> rows;  // made when first asked for
    bool ready = false;
  };
  void Start(const RowGroup& group, size_t start, size_t size);

  std::unique_ptr<uint32_t[]> cells_;
  std::unique_ptr<uint8_t[]> classes_;
  const uint8_t* class_of_ = nullptr;       // nullptr: not asked for yet
  std::array<Decoded<uint32_t>, 2> ids_;    // consumers, orders
  std::array<Decoded<int64_t>, 4> values_;  // amounts, vouchers, quantities, lags
  Decoded<int64_t> times_;
};

// What is done with the rows of a scan; one per thread.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Add(ScanBlock& block) = 0;
};

// Reads blocks of a plan's units and gives what passes to sinks. One per thread.
class BlockReader {
 public:
  // `cells` == nullptr: collects the numbers of the cells met instead, in numbers().
  BlockReader(const ScanPlan& plan, const CellSpace* cells);

  // Reads rows [begin, end) of a unit; leaves early once the plan's control has failed.
  void Read(const ScanUnit& unit, size_t begin, size_t end, const std::vector<Sink*>& sinks);
  CellNumbers& numbers() { return numbers_; }
  // Of the numbers, taken from the plan's control; the caller's to give back.
  uint64_t numbers_bytes() const { return numbers_bytes_; }

 private:
  bool SkipZone(const ScanUnit& unit, size_t start) const;
  // The rows of the block that pass everything.
  void Select(const ScanUnit& unit);
  void SelectBytes(const CodeStep& step);
  void SelectCodes(const CodeStep& step);
  void SelectOrders(const ScanFacts::OrderIds& orders);
  void SelectSeconds(const SliceFinder& slices);
  void SelectSlices(const ScanUnit& unit);
  void SelectEffective();
  const ColumnView& Column(int slot) const { return block_.group_->columns[slot]; }
  void AddGroups(const CodeStep& step, uint32_t* numbers);
  void AddGroups(const CodeStep& step, uint64_t* numbers);
  template <typename Number>
  void NumberCells(const ScanUnit& unit, Number* numbers);
  template <typename Number>
  void AddOriginGroups(const ScanUnit& unit, Number* numbers);
  void FindCells(const ScanUnit& unit);
  // Stops the query when the numbers met are too many or use too much memory.
  void CheckNumbers();

  const ScanPlan& plan_;
  const CellSpace* const cells_;
  CellNumbers numbers_;
  uint64_t numbers_bytes_ = 0;
  ScanBlock block_;
  std::unique_ptr<uint8_t[]> bytes_;
  std::unique_ptr<uint32_t[]> codes_, periods_;
  std::unique_ptr<uint64_t[]> wide_;
  std::unique_ptr<int64_t[]> effective_;
  bool has_periods_ = false;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SCAN_BLOCK_H_
