#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_QUANTILE_SINK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_QUANTILE_SINK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/analytics/store/scan_block.h"

namespace tidemark::analytics {

// Buckets that grow with the value: every power of two is cut into 2^bits parts, smaller values are
// exact. Ascending.
class LogBuckets {
 public:
  // For values 0 ... range.
  LogBuckets(int bits, uint64_t range) : bits_(bits), count_(BucketOf(range) + 1) {}

  size_t count() const { return count_; }
  size_t BucketOf(uint64_t value) const {
    if (value >> bits_ == 0) return static_cast<size_t>(value);
    const int shift = 63 - __builtin_clzll(value) - bits_;
    return (static_cast<size_t>(shift) << bits_) + static_cast<size_t>(value >> shift);
  }
  uint64_t First(size_t bucket) const {
    const size_t shift = bucket >> bits_;
    if (shift <= 1) return bucket;
    return ((uint64_t{1} << bits_) + (bucket & ((size_t{1} << bits_) - 1))) << (shift - 1);
  }
  uint64_t Last(size_t bucket) const { return First(bucket + 1) - 1; }

 private:
  int bits_;
  size_t count_;
};

// Numbers of purchases per cell and bucket of their amount, signs honoured, for cells [first_cell,
// end_cell).
class HistogramSink final : public Sink {
 public:
  HistogramSink(const LogBuckets& buckets, int64_t base, size_t first_cell, size_t end_cell);

  void Add(ScanBlock& block) override;
  void Merge(const HistogramSink& other);
  const int64_t* Of(size_t cell) const {
    return counts_.data() + (cell - first_cell_) * buckets_.count();
  }

 private:
  const LogBuckets buckets_;
  const int64_t base_;
  const size_t first_cell_, end_cell_;
  std::vector<int64_t> counts_;
};

// One order statistic being looked for: it lies among the amounts base + [first, last] of its cell,
// `rank` (1 = smallest) counted among those. Cells ascend.
struct QuantileTarget {
  size_t cell = 0;
  size_t quantile = 0;  // position in EngineQuery::quantiles
  uint64_t first = 0;
  uint64_t last = 0;
  int64_t rank = 0;
  int64_t count = 0;  // purchases in the range
};

// Per cell the positions of its targets.
class TargetIndex {
 public:
  TargetIndex(const std::vector<QuantileTarget>& targets, size_t cells);
  size_t begin(size_t cell) const { return starts_[cell]; }
  size_t end(size_t cell) const { return starts_[cell + 1]; }

 private:
  std::vector<uint32_t> starts_;
};

// Cuts every target's range into kParts and counts.
class RefineSink final : public Sink {
 public:
  static constexpr int kPartBits = 6;
  static constexpr size_t kParts = size_t{1} << kPartBits;
  static uint64_t BytesFor(size_t targets) { return targets * kParts * sizeof(int64_t); }

  RefineSink(const std::vector<QuantileTarget>& targets, const TargetIndex& index, int64_t base);
  void Add(ScanBlock& block) override;
  void Merge(const RefineSink& other);
  // Narrows the target to the part with its rank.
  void Narrow(size_t target, QuantileTarget* out) const;

 private:
  static int ShiftOf(const QuantileTarget& target);

  const std::vector<QuantileTarget>& targets_;
  const TargetIndex& index_;
  const int64_t base_;
  std::vector<int64_t> counts_;
};

// Collects the amounts in the targets' ranges.
class CollectSink final : public Sink {
 public:
  CollectSink(const std::vector<QuantileTarget>& targets, const TargetIndex& index, int64_t base);
  void Add(ScanBlock& block) override;
  void Merge(const CollectSink& other);
  // The target's order statistic.
  int64_t Select(size_t target);

 private:
  const std::vector<QuantileTarget>& targets_;
  const TargetIndex& index_;
  const int64_t base_;
  std::vector<std::vector<uint64_t>> plus_, minus_;  // by target
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_QUANTILE_SINK_H_
