#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_SLICE_FINDER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_SLICE_FINDER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/columns.h"

namespace tidemark::analytics {

// Finds the period of each row of one group among the slices that are judged by one mapping.
// Immutable.
class SliceFinder {
 public:
  // `slices` ascend; those of other mappings and outside the group's times are left out.
  SliceFinder(const std::vector<TimeSlice>& slices, uint32_t mapping, const RowGroup& group);

  // No row has a period.
  bool none() const { return slices_.empty(); }
  // Every row has period().
  bool constant() const { return constant_; }
  uint32_t period() const { return slices_.front().period; }
  // There is one slice: Range() can be asked.
  bool single() const { return slices_.size() == 1; }
  // There is one slice, and a row is in it when its second in the month, as in kTimeSlot, lies in
  // [low_second(), high_second()).
  bool by_second() const { return by_second_; }
  uint32_t low_second() const { return low_second_; }
  uint32_t high_second() const { return high_second_; }
  // Narrows [begin, end), whose rows ascend by second, to those whose second may lie in the one
  // slice.
  void Range(const RowGroup& group, size_t* begin, size_t* end) const;
  // False when no row whose second lies in [low, high] (sorted groups) has a period.
  bool MayHit(int64_t low_second, int64_t high_second) const;

  // Where !constant(), periods are found by the second in the month, as in kTimeSlot, when
  // by_step(), else by the time. Rows without one get kDropped.
  bool by_step() const { return !table_.empty(); }
  // Every row has one.
  bool leaves_none() const { return leaves_none_; }
  // numbers[i] becomes the period of second numbers[i].
  void FindBySecond(uint32_t* numbers, size_t n) const {
    Kernels().find_steps(numbers, n, inverse_, table_.data(), table_.size());
  }
  // periods[i] = the period of times[i], µs.
  void FindByTime(const int64_t* times, size_t n, uint32_t* periods) const;

 private:
  struct Slice {
    int64_t start_us, end_us;
    uint32_t period;
  };

  void MakeTable(const RowGroup& group);
  void FindSeconds(const RowGroup& group);

  std::vector<Slice> slices_;
  bool constant_ = false;
  int64_t month_start_ = 0;  // seconds
  bool by_second_ = false;
  uint32_t low_second_ = 0, high_second_ = 0;
  // Sorted groups whose slices start and end at multiples of a step of whole seconds: period by
  // second / step, where the division is a multiplication: exact for seconds below 2^22 and steps
  // in [2^9, 2^18).
  std::vector<uint32_t> table_;
  uint32_t inverse_ = 0;
  bool leaves_none_ = false;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SLICE_FINDER_H_
