#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_SPACE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_SPACE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::analytics {

// A set of cell numbers, each with a position in order of insertion. Open addressing.
class CellNumbers {
 public:
  CellNumbers() : slots_(64) {}

  size_t size() const { return numbers_.size(); }
  const std::vector<uint64_t>& numbers() const { return numbers_; }
  uint64_t bytes() const {
    return slots_.capacity() * sizeof(slots_[0]) + numbers_.capacity() * sizeof(numbers_[0]);
  }
  uint32_t Add(uint64_t number) {
    const size_t slot = SlotOf(number);
    if (slots_[slot] != 0) return slots_[slot] - 1;
    numbers_.push_back(number);
    slots_[slot] = static_cast<uint32_t>(numbers_.size());
    if (2 * numbers_.size() > slots_.size()) Grow();
    return static_cast<uint32_t>(numbers_.size() - 1);
  }
  // The number must be there.
  uint32_t Find(uint64_t number) const { return slots_[SlotOf(number)] - 1; }

 private:
  size_t SlotOf(uint64_t number) const {
    const size_t mask = slots_.size() - 1;
    size_t slot = (number * 0x9E3779B97F4A7C15u >> 20) & mask;
    while (slots_[slot] != 0 && numbers_[slots_[slot] - 1] != number) slot = (slot + 1) & mask;
    return slot;
  }
  void Grow() {
    slots_.assign(2 * slots_.size(), 0);
    for (size_t i = 0; i < numbers_.size(); ++i)
      slots_[SlotOf(numbers_[i])] = static_cast<uint32_t>(i + 1);
  }

  std::vector<uint32_t> slots_;
  std::vector<uint64_t> numbers_;
};

// Where the results of each cell are kept: by the cell's number when there are few possible cells,
// else by position among the numbers that occur.
class CellSpace {
 public:
  // Every possible number.
  explicit CellSpace(uint64_t numbers) : size_(static_cast<size_t>(numbers)), dense_(true) {}
  // Those that occur.
  explicit CellSpace(CellNumbers numbers)
      : size_(numbers.size()), dense_(false), numbers_(std::move(numbers)) {}

  size_t size() const { return size_; }
  bool dense() const { return dense_; }
  uint32_t Find(uint64_t number) const { return numbers_.Find(number); }
  uint64_t NumberOf(size_t cell) const { return dense_ ? cell : numbers_.numbers()[cell]; }

 private:
  size_t size_;
  bool dense_;
  CellNumbers numbers_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_SPACE_H_
