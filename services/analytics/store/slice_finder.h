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
  // Narrows [begin, end), whose rows ascend by second, to those whose second may lie in the one
  // slice.
  void Range(const RowGroup& group, size_t* begin, size_t* end) const;
  // False when no row whose second lies in [low, high] (sorted groups) has a period.
  bool MayHit(int64_t low_second, int64_t high_second) const;

  // periods[i] = period or kDropped of row start + rows[i] (rows == nullptr: start + i).
  void Find(const RowGroup& group, size_t start, const uint16_t* rows, size_t n,
            uint32_t* periods) const;

 private:
  struct Slice {
    int64_t start_us, end_us;
    uint32_t period;
  };

  void MakeTable(const RowGroup& group);
  void FindByTable(const RowGroup& group, size_t start, const uint16_t* rows, size_t n,
                   uint32_t* periods) const;
  void FindBySearch(const RowGroup& group, size_t start, const uint16_t* rows, size_t n,
                    uint32_t* periods) const;

  std::vector<Slice> slices_;
  bool constant_ = false;
  int64_t month_start_ = 0;  // seconds
  // Sorted groups whose slices start and end at multiples of a step of whole seconds: period by
  // second / step_, where the division is a multiplication: exact for seconds below 2^22 and steps
  // below 2^18.
  std::vector<uint32_t> table_;
  uint64_t inverse_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SLICE_FINDER_H_
