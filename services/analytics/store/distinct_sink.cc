#include "services/analytics/store/distinct_sink.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace tidemark::analytics {
namespace {

constexpr size_t kFirstCompaction = 1 << 22;

bool Has(const IdBitmap& bitmap, uint32_t id) { return (bitmap[id >> 6] >> (id & 63) & 1) != 0; }

// Ascending; digits that all keys share cost nothing, and most do.
void RadixSort(std::vector<uint64_t>* keys) {
  constexpr int kBits = 11, kDigits = 6;
  constexpr uint64_t kMask = (1 << kBits) - 1;
  if (keys->size() < 4096) {
    std::sort(keys->begin(), keys->end());
    return;
  }
  std::vector<size_t> starts(kDigits << kBits);
  for (uint64_t key : *keys) {
    for (int d = 0; d < kDigits; ++d)
      ++starts[(static_cast<size_t>(d) << kBits) + (key >> (d * kBits) & kMask)];
  }
  std::vector<uint64_t> sorted(keys->size());
  for (int d = 0; d < kDigits; ++d) {
    size_t* const start = &starts[static_cast<size_t>(d) << kBits];
    if (start[(*keys)[0] >> (d * kBits) & kMask] == keys->size()) continue;
    size_t sum = 0;
    for (uint64_t digit = 0; digit <= kMask; ++digit) sum += std::exchange(start[digit], sum);
    for (uint64_t key : *keys) sorted[start[key >> (d * kBits) & kMask]++] = key;
    keys->swap(sorted);
  }
}

uint64_t KeyOf(uint32_t cell, uint32_t id) { return uint64_t{cell} << 32 | id; }

}  // namespace

bool PreferBitmaps(size_t cells, uint64_t ids, uint64_t bytes) {
  return cells * (ids / 8 + 8) <= bytes;
}

DistinctSink::DistinctSink(const DistinctOptions& options)
    : options_(options),
      words_((options.ids + 63) / 64),
      bitmaps_(options.bitmaps ? options.cells : 0),
      compact_at_(kFirstCompaction),
      ids_(new uint32_t[kBlockRows]) {}

uint64_t* DistinctSink::BitmapOf(uint32_t cell) {
  std::unique_ptr<uint64_t[]>& bitmap = bitmaps_[cell];
  if (bitmap == nullptr && options_.control->Take(words_ * sizeof(uint64_t)))
    bitmap.reset(new uint64_t[words_]());
  return bitmap.get();
}

template <typename T>
bool DistinctSink::Reserve(size_t more, std::vector<T>* entries) {
  const size_t wanted = entries->size() + more;
  const size_t before = entries->capacity();
  if (wanted <= before) return true;
  const size_t after = std::max(wanted, before + before / 2);
  // While it grows both are there.
  if (!options_.control->Take(after * sizeof(T))) return false;
  entries->reserve(after);
  options_.control->Give(before * sizeof(T));
  return true;
}

template <typename T>
void DistinctSink::Free(std::vector<T>* entries) {
  options_.control->Give(entries->capacity() * sizeof(T));
  *entries = std::vector<T>();
}

void DistinctSink::TakeContested(ScanBlock& block, uint32_t* ids) {
  const uint8_t* const classes = block.Classes();
  const uint32_t* const cells = block.cells();
  if (!Reserve(block.size(), &signed_)) return;
  for (size_t i = 0; i < block.size(); ++i) {
    if (ids[i] == 0 || !Has(*options_.contested, ids[i])) continue;
    signed_.push_back({KeyOf(cells[i], ids[i]), classes[i] >= kNegativeClass ? -1 : 1});
    ids[i] = 0;
  }
}

void DistinctSink::AddToBitmaps(ScanBlock& block, const uint32_t* ids) {
  const uint32_t* const cells = block.cells();
  const size_t n = block.size();
  if (block.constant_cell()) {
    uint64_t* const bitmap = BitmapOf(cells[0]);
    if (bitmap == nullptr) return;
    for (size_t i = 0; i < n; ++i) bitmap[ids[i] >> 6] |= uint64_t{1} << (ids[i] & 63);
    return;
  }
  for (size_t i = 0; i < n; ++i) {
    uint64_t* const bitmap = BitmapOf(cells[i]);
    if (bitmap == nullptr) return;
    bitmap[ids[i] >> 6] |= uint64_t{1} << (ids[i] & 63);
  }
}

void DistinctSink::AddToList(ScanBlock& block, const uint32_t* ids) {
  const uint32_t* const cells = block.cells();
  if (!Reserve(block.size(), &list_)) return;
  for (size_t i = 0; i < block.size(); ++i) {
    if (ids[i] != 0) list_.push_back(KeyOf(cells[i], ids[i]));
  }
  if (list_.size() >= compact_at_) {
    Compact();
    compact_at_ = std::max(kFirstCompaction, 2 * list_.size());
  }
}

void DistinctSink::Add(ScanBlock& block) {
  const uint32_t* const ids = block.Ids(options_.slot);
  const uint8_t* const classes = block.Classes();
  for (size_t i = 0; i < block.size(); ++i) {
    ids_[i] = options_.kinds.Has(KindOfClass(classes[i])) ? ids[i] : 0;
  }
  if (options_.contested != nullptr) TakeContested(block, ids_.get());
  options_.bitmaps ? AddToBitmaps(block, ids_.get()) : AddToList(block, ids_.get());
}

void DistinctSink::Compact() {
  // The copy that sorting makes.
  const uint64_t bytes = list_.size() * sizeof(list_[0]);
  const size_t capacity = list_.capacity();
  if (!options_.control->Take(bytes)) return;
  RadixSort(&list_);
  // The list may end in either of the two.
  options_.control->Give(bytes + (capacity - list_.capacity()) * sizeof(list_[0]));
  list_.erase(std::unique(list_.begin(), list_.end()), list_.end());
}

void DistinctSink::Merge(DistinctSink* other) {
  for (size_t cell = 0; cell < bitmaps_.size(); ++cell) {
    if (other->bitmaps_[cell] == nullptr) continue;
    if (bitmaps_[cell] == nullptr) {
      bitmaps_[cell] = std::move(other->bitmaps_[cell]);
      continue;
    }
    uint64_t* const to = bitmaps_[cell].get();
    const uint64_t* const from = other->bitmaps_[cell].get();
    for (size_t i = 0; i < words_; ++i) to[i] |= from[i];
    other->bitmaps_[cell].reset();
    options_.control->Give(words_ * sizeof(uint64_t));
  }
  if (Reserve(other->list_.size(), &list_))
    list_.insert(list_.end(), other->list_.begin(), other->list_.end());
  if (Reserve(other->signed_.size(), &signed_))
    signed_.insert(signed_.end(), other->signed_.begin(), other->signed_.end());
  Free(&other->list_);
  Free(&other->signed_);
}

// Contested ids are in no bitmap or list yet: adds those whose signs sum to more than 0.
void DistinctSink::SettleContested() {
  std::sort(signed_.begin(), signed_.end(),
            [](const Signed& a, const Signed& b) { return a.key < b.key; });
  for (size_t begin = 0; begin < signed_.size();) {
    const uint64_t key = signed_[begin].key;
    int64_t sum = 0;
    for (; begin < signed_.size() && signed_[begin].key == key; ++begin) sum += signed_[begin].sign;
    if (sum <= 0) continue;
    const uint32_t id = static_cast<uint32_t>(key);
    if (!options_.bitmaps) {
      if (!Reserve(1, &list_)) return;
      list_.push_back(key);
    } else if (uint64_t* const bitmap = BitmapOf(static_cast<uint32_t>(key >> 32))) {
      bitmap[id >> 6] |= uint64_t{1} << (id & 63);
    }
  }
  Free(&signed_);
}

void DistinctSink::Count(const std::vector<uint32_t>* wanted, const std::vector<uint32_t>& group_of,
                         std::vector<int64_t>* counts) {
  SettleContested();
  if (options_.control->failed()) return;
  counts->assign(options_.cells, 0);
  if (!options_.bitmaps) {
    Compact();
    if (options_.control->failed()) return;
    for (uint64_t key : list_) {
      const uint32_t cell = static_cast<uint32_t>(key >> 32);
      if (wanted == nullptr || (*wanted)[static_cast<uint32_t>(key)] == group_of[cell])
        ++(*counts)[cell];
    }
    return;
  }
  for (size_t cell = 0; cell < bitmaps_.size(); ++cell) {
    uint64_t* const bitmap = bitmaps_[cell].get();
    if (bitmap == nullptr) continue;
    bitmap[0] &= ~uint64_t{1};  // rows without id
    int64_t count = 0;
    for (size_t i = 0; i < words_; ++i) {
      if (wanted == nullptr) {
        count += std::popcount(bitmap[i]);
        continue;
      }
      for (uint64_t bits = bitmap[i]; bits != 0; bits &= bits - 1) {
        count += (*wanted)[64 * i + std::countr_zero(bits)] == group_of[cell] ? 1 : 0;
      }
    }
    (*counts)[cell] = count;
  }
}

IdBitmap FindContested(const ScanPlan& plan, int slot, uint32_t ids) {
  IdBitmap contested((ids + 63) / 64);
  std::vector<const RowGroup*> seen;
  for (const ScanUnit& unit : plan.units()) {
    const RowGroup& group = *unit.group;
    if (!group.has_negative || std::find(seen.begin(), seen.end(), &group) != seen.end()) continue;
    if (!plan.control().Continue()) break;
    seen.push_back(&group);
    uint32_t classes[kBlockRows];
    for (size_t start = 0; start < group.rows; start += kBlockRows) {
      const size_t n = std::min<size_t>(kBlockRows, group.rows - start);
      Decode32(group.columns[kClassSlot], start, n, classes);
      for (size_t i = 0; i < n; ++i) {
        if (classes[i] < kNegativeClass) continue;
        const uint32_t id = static_cast<uint32_t>(group.columns[slot].At(start + i));
        if (id != 0 && id < ids) contested[id >> 6] |= uint64_t{1} << (id & 63);
      }
    }
  }
  return contested;
}

}  // namespace tidemark::analytics
