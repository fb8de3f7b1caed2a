#include "services/analytics/store/consumption_sink.h"

#include <algorithm>
#include <tuple>

namespace tidemark::analytics {
template <typename T>
bool ConsumptionSink::Reserve(size_t more, std::vector<T>* entries) {
  const size_t wanted = entries->size() + more;
  const size_t before = entries->capacity();
  if (wanted <= before) return true;
  const size_t after = std::max(wanted, before + before / 2);
  // While it grows both are there.
  if (!control_->Take(after * sizeof(T))) return false;
  entries->reserve(after);
  control_->Give(before * sizeof(T));
  return true;
}

template <typename T>
void ConsumptionSink::Free(std::vector<T>* entries) {
  control_->Give(entries->capacity() * sizeof(T));
  *entries = std::vector<T>();
}

void ConsumptionSink::Add(ScanBlock& block) {
  const uint32_t* const consumers = block.Ids(kConsumerSlot);
  const uint8_t* const classes = block.Classes();
  const uint32_t* const cells = block.cells();
  if (block.constant_cell()) {
    touched_[cells[0]] = 1;
  } else {
    for (size_t i = 0; i < block.size(); ++i) touched_[cells[i]] = 1;
  }
  size_t picked = 0;
  for (size_t i = 0; i < block.size(); ++i) {
    picked_[picked] = static_cast<uint16_t>(i);
    picked += consumers[i] != 0 && kConsumptions.Has(KindOfClass(classes[i])) ? 1 : 0;
  }
  if (picked != 0) AddRows(block, picked);
}

void ConsumptionSink::AddRows(ScanBlock& block, size_t picked) {
  const uint32_t* const consumers = block.Ids(kConsumerSlot);
  const uint8_t* const classes = block.Classes();
  const uint32_t* const cells = block.cells();
  const bool constant = block.constant_cell();
  const int64_t* const times = block.Times();
  if (!Reserve(picked, &entries_)) return;
  if (contested_ != nullptr && !Reserve(picked, &signed_)) return;
  for (size_t p = 0; p < picked; ++p) {
    const size_t i = picked_[p];
    const uint64_t key = uint64_t{consumers[i]} << 32 | cells[constant ? 0 : i];
    if (contested_ != nullptr && contested_->Has(consumers[i])) {
      signed_.push_back({key, times[i], SignOfClass(classes[i])});
    } else {
      entries_.push_back({key, times[i]});
    }
  }
  if (entries_.size() < compact_at_) return;
  Compact();
  compact_at_ = std::max(kFirstCompaction, 2 * entries_.size());
}

void ConsumptionSink::Compact() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.key, a.first_us) < std::tie(b.key, b.first_us);
  });
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.key == b.key; }),
                 entries_.end());
}

void ConsumptionSink::Merge(ConsumptionSink* other) {
  if (Reserve(other->entries_.size(), &entries_))
    entries_.insert(entries_.end(), other->entries_.begin(), other->entries_.end());
  if (Reserve(other->signed_.size(), &signed_))
    signed_.insert(signed_.end(), other->signed_.begin(), other->signed_.end());
  for (size_t cell = 0; cell < touched_.size(); ++cell) touched_[cell] |= other->touched_[cell];
  Free(&other->entries_);
  Free(&other->signed_);
}

// No contested consumer has an entry yet.
void ConsumptionSink::SettleContested() {
  std::sort(signed_.begin(), signed_.end(), [](const Signed& a, const Signed& b) {
    return std::tie(a.key, a.time_us) < std::tie(b.key, b.time_us);
  });
  for (size_t begin = 0; begin < signed_.size();) {
    const uint64_t key = signed_[begin].key;
    int64_t sum = 0, first_us = 0;
    bool found = false;
    while (begin < signed_.size() && signed_[begin].key == key) {
      const int64_t time_us = signed_[begin].time_us;
      int64_t at_time = 0;
      for (;
           begin < signed_.size() && signed_[begin].key == key && signed_[begin].time_us == time_us;
           ++begin) {
        at_time += signed_[begin].sign;
      }
      sum += at_time;
      if (!found && at_time > 0) {
        found = true;
        first_us = time_us;
      }
    }
    if (sum <= 0) continue;
    if (!Reserve(1, &entries_)) return;
    entries_.push_back({key, first_us});
  }
  Free(&signed_);
}

const std::vector<ConsumptionSink::Entry>& ConsumptionSink::Settle() {
  SettleContested();
  if (!control_->failed()) Compact();
  return entries_;
}

}  // namespace tidemark::analytics
