#include "services/analytics/store/slice_finder.h"

#include <algorithm>
#include <numeric>

#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

constexpr int64_t kMinStep = 1 << 9;
constexpr int64_t kMaxStep = (1 << 18) - 1;
constexpr size_t kMaxTable = 1 << 14;

// The largest divisor of `step` that is at most kMaxStep.
int64_t Shorten(int64_t step) {
  for (int64_t parts = 1; parts < 64; ++parts) {
    if (step % parts == 0 && step / parts <= kMaxStep) return step / parts;
  }
  return 1;
}

}  // namespace

SliceFinder::SliceFinder(const std::vector<TimeSlice>& slices, uint32_t mapping,
                         const RowGroup& group) {
  auto slice = std::partition_point(slices.begin(), slices.end(), [&](const TimeSlice& s) {
    return s.end_us <= group.min_time_us;
  });
  for (; slice != slices.end() && slice->start_us <= group.max_time_us; ++slice) {
    if (slice->mapping == mapping)
      slices_.push_back({slice->start_us, slice->end_us, slice->period});
  }
  constant_ = slices_.size() == 1 && slices_[0].start_us <= group.min_time_us &&
              group.max_time_us < slices_[0].end_us;
  if (group.sorted) month_start_ = UtcMonthStart(group.month);
  if (!group.sorted || constant_ || slices_.empty()) return;
  FindSeconds(group);
  if (!by_second_) MakeTable(group);
}

void SliceFinder::FindSeconds(const RowGroup& group) {
  constexpr int64_t kNoSecond = 1 << 22;  // behind those of every month
  if (!single()) return;
  const Slice& slice = slices_.front();
  const bool starts_before = slice.start_us <= group.min_time_us;
  const bool ends_behind = slice.end_us > group.max_time_us;
  by_second_ = (starts_before || MicroOf(slice.start_us) == 0) &&
               (ends_behind || MicroOf(slice.end_us) == 0);
  if (!by_second_) return;
  low_second_ = starts_before ? 0 : static_cast<uint32_t>(SecondOf(slice.start_us) - month_start_);
  high_second_ =
      static_cast<uint32_t>(ends_behind ? kNoSecond : SecondOf(slice.end_us) - month_start_);
}

void SliceFinder::MakeTable(const RowGroup& group) {
  const int64_t last = group.columns[kTimeSlot].max;  // seconds since the month's start
  int64_t step = 0;
  for (const Slice& slice : slices_) {
    for (int64_t bound : {slice.start_us, slice.end_us}) {
      if (bound <= group.min_time_us || bound > group.max_time_us) continue;
      if (MicroOf(bound) != 0) return;
      step = std::gcd(step, SecondOf(bound) - month_start_);
    }
  }
  if (step == 0) step = last + 1;
  step = Shorten(step);
  const size_t size = static_cast<size_t>(last / step + 1);
  if (step < kMinStep || size > kMaxTable) return;
  inverse_ = static_cast<uint32_t>(((uint64_t{1} << kStepShift) + step - 1) / step);
  table_.assign((size + kStepsPadded - 1) / kStepsPadded * kStepsPadded, kDropped);
  for (const Slice& slice : slices_) {
    const int64_t begin = std::max<int64_t>(0, SecondOf(slice.start_us) - month_start_) / step;
    const int64_t end =
        slice.end_us > group.max_time_us
            ? static_cast<int64_t>(size)
            : std::min<int64_t>((SecondOf(slice.end_us) - month_start_) / step, size);
    // A slice that starts inside a step starts before every row.
    for (int64_t i = begin; i < end; ++i) table_[i] = slice.period;
  }
  leaves_none_ =
      std::count(table_.begin(), table_.begin() + static_cast<ptrdiff_t>(size), kDropped) == 0;
}

void SliceFinder::Range(const RowGroup& group, size_t* begin, size_t* end) const {
  const Slice& slice = slices_.front();
  const ColumnView& seconds = group.columns[kTimeSlot];
  const auto clamp = [](int64_t second) {
    return std::clamp<int64_t>(second, 0, int64_t{1} << 22);
  };
  *begin = LowerBound(seconds, *begin, *end, clamp(SecondOf(slice.start_us) - month_start_));
  const bool whole_end = MicroOf(slice.end_us) == 0;
  *end = LowerBound(seconds, *begin, *end,
                    clamp(SecondOf(slice.end_us) - month_start_ + (whole_end ? 0 : 1)));
}

bool SliceFinder::MayHit(int64_t low_second, int64_t high_second) const {
  return std::any_of(slices_.begin(), slices_.end(), [&](const Slice& slice) {
    return SecondOf(slice.start_us) - month_start_ <= high_second &&
           SecondOf(slice.end_us - 1) - month_start_ >= low_second;
  });
}

void SliceFinder::FindByTime(const int64_t* times, size_t n, uint32_t* periods) const {
  const Slice* current = &slices_.front();
  int64_t gap_start = 0, gap_end = 0;  // times without a slice
  for (size_t i = 0; i < n; ++i) {
    const int64_t time = times[i];
    if (time >= gap_start && time < gap_end) {
      periods[i] = kDropped;
      continue;
    }
    if (time < current->start_us || time >= current->end_us) {
      const auto next = std::partition_point(
          slices_.begin(), slices_.end(), [&](const Slice& slice) { return slice.end_us <= time; });
      if (next == slices_.end() || time < next->start_us) {
        gap_start = next == slices_.begin() ? time : std::prev(next)->end_us;
        gap_end = next == slices_.end() ? time : next->start_us;
        periods[i] = kDropped;
        continue;
      }
      current = &*next;
    }
    periods[i] = current->period;
  }
}

}  // namespace tidemark::analytics
