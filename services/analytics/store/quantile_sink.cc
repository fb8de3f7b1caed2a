#include "services/analytics/store/quantile_sink.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace tidemark::analytics {
namespace {

// Calls add(cell, value - base, negative) for every purchase of the block.
template <typename AddOne>
void EachPurchase(ScanBlock& block, int64_t base, AddOne add) {
  const uint32_t* const cells = block.cells();
  const uint8_t* const classes = block.Classes();
  const int64_t* const values = block.Values(kAmountSlot);
  for (size_t i = 0; i < block.size(); ++i) {
    if (KindOfClass(classes[i]) != EffectKind::kPurchase) continue;
    add(cells[i], static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(base),
        classes[i] >= kNegativeClass);
  }
}

}  // namespace

HistogramSink::HistogramSink(const LogBuckets& buckets, int64_t base, size_t first_cell,
                             size_t end_cell)
    : buckets_(buckets),
      base_(base),
      first_cell_(first_cell),
      end_cell_(end_cell),
      counts_((end_cell - first_cell) * buckets.count()) {}

void HistogramSink::Add(ScanBlock& block) {
  EachPurchase(block, base_, [&](size_t cell, uint64_t value, bool negative) {
    if (cell < first_cell_ || cell >= end_cell_) return;
    counts_[(cell - first_cell_) * buckets_.count() + buckets_.BucketOf(value)] +=
        negative ? -1 : 1;
  });
}

void HistogramSink::Merge(const HistogramSink& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

TargetIndex::TargetIndex(const std::vector<QuantileTarget>& targets, size_t cells)
    : starts_(cells + 1) {
  for (const QuantileTarget& target : targets) ++starts_[target.cell + 1];
  for (size_t cell = 0; cell < cells; ++cell) starts_[cell + 1] += starts_[cell];
}

RefineSink::RefineSink(const std::vector<QuantileTarget>& targets, const TargetIndex& index,
                       int64_t base)
    : targets_(targets), index_(index), base_(base), counts_(targets.size() * kParts) {}

int RefineSink::ShiftOf(const QuantileTarget& target) {
  return std::max(0, static_cast<int>(std::bit_width(target.last - target.first)) - kPartBits);
}

void RefineSink::Add(ScanBlock& block) {
  EachPurchase(block, base_, [&](size_t cell, uint64_t value, bool negative) {
    for (size_t t = index_.begin(cell); t < index_.end(cell); ++t) {
      const uint64_t offset = value - targets_[t].first;
      if (offset > targets_[t].last - targets_[t].first) continue;
      counts_[t * kParts + (offset >> ShiftOf(targets_[t]))] += negative ? -1 : 1;
    }
  });
}

void RefineSink::Merge(const RefineSink& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

void RefineSink::Narrow(size_t target, QuantileTarget* out) const {
  const int shift = ShiftOf(*out);
  for (size_t part = 0; part < kParts; ++part) {
    const int64_t count = counts_[target * kParts + part];
    if (out->rank > count) {
      out->rank -= count;
      continue;
    }
    const uint64_t first = out->first + (uint64_t{part} << shift);
    out->last = std::min(out->last, first + ((uint64_t{1} << shift) - 1));
    out->first = first;
    out->count = count;
    return;
  }
}

CollectSink::CollectSink(const std::vector<QuantileTarget>& targets, const TargetIndex& index,
                         int64_t base)
    : targets_(targets),
      index_(index),
      base_(base),
      plus_(targets.size()),
      minus_(targets.size()) {}

void CollectSink::Add(ScanBlock& block) {
  EachPurchase(block, base_, [&](size_t cell, uint64_t value, bool negative) {
    for (size_t t = index_.begin(cell); t < index_.end(cell); ++t) {
      if (value - targets_[t].first > targets_[t].last - targets_[t].first) continue;
      (negative ? minus_ : plus_)[t].push_back(value);
    }
  });
}

void CollectSink::Merge(const CollectSink& other) {
  for (size_t t = 0; t < plus_.size(); ++t) {
    plus_[t].insert(plus_[t].end(), other.plus_[t].begin(), other.plus_[t].end());
    minus_[t].insert(minus_[t].end(), other.minus_[t].begin(), other.minus_[t].end());
  }
}

int64_t CollectSink::Select(size_t target) {
  std::vector<uint64_t>& plus = plus_[target];
  std::vector<uint64_t>& minus = minus_[target];
  if (!minus.empty()) {
    // Every - takes back a + of the same amount.
    std::sort(plus.begin(), plus.end());
    std::sort(minus.begin(), minus.end());
    std::vector<uint64_t> left;
    std::set_difference(plus.begin(), plus.end(), minus.begin(), minus.end(),
                        std::back_inserter(left));
    plus.swap(left);
  }
  const int64_t rank = std::min<int64_t>(targets_[target].rank, static_cast<int64_t>(plus.size()));
  if (rank <= 0) return static_cast<int64_t>(static_cast<uint64_t>(base_) + targets_[target].first);
  const auto wanted = plus.begin() + (rank - 1);
  std::nth_element(plus.begin(), wanted, plus.end());
  return static_cast<int64_t>(static_cast<uint64_t>(base_) + *wanted);
}

}  // namespace tidemark::analytics
