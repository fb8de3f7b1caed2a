#include "services/analytics/store/distinct_sink.h"

#include <algorithm>
#include <bit>

namespace tidemark::analytics {
namespace {

constexpr size_t kFirstCompaction = 1 << 22;

// Making, joining and counting a word of a bitmap costs about as much as this many keys of a list.
constexpr double kKeysPerWord = 0.4;

}  // namespace

bool PreferBitmaps(size_t cells, uint64_t ids, uint64_t bytes) {
  return cells * (ids / 8 + 8) <= bytes;
}

DistinctSink::DistinctSink(const DistinctOptions& options)
    : options_(options),
      words_(options.ids / 64 + 1),
      bitmaps_(options.bitmaps ? options.cells : 0),
      list_(options.cells, options.control),
      compact_at_(options.bitmaps ? static_cast<size_t>(kKeysPerWord *
                                                        static_cast<double>(words_ * options.cells))
                                  : kFirstCompaction),
      ids_(new uint32_t[kBlockRows]) {
  has_bitmaps_ = options.bitmaps && compact_at_ < kBlockRows;
  for (uint32_t c = 0; c < kClassCount; ++c)
    counted_[c] = options.kinds.Has(KindOfClass(c)) ? 0xFF : 0;
}

uint64_t* DistinctSink::BitmapOf(uint32_t cell) {
  std::unique_ptr<uint64_t[]>& bitmap = bitmaps_[cell];
  if (bitmap == nullptr && options_.control->Take(words_ * sizeof(uint64_t)))
    bitmap.reset(new uint64_t[words_]());
  return bitmap.get();
}

void DistinctSink::AddKey(uint64_t key) {
  if (!has_bitmaps_) {
    list_.Add(key);
  } else if (uint64_t* const bitmap = BitmapOf(CellOfKey(key))) {
    bitmap[IdOfKey(key) >> 6] |= uint64_t{1} << (IdOfKey(key) & 63);
  }
}

void DistinctSink::TakeContested(ScanBlock& block) {
  std::array<uint64_t, kBlockRows / 64> found;
  Kernels().find_members(block.Ids(options_.slot), block.size(), options_.contested->words(),
                         found.data());
  const uint8_t* const classes = block.Classes();
  const uint32_t* const cells = block.cells();
  uint32_t* const ids = ids_.get();
  const size_t before = signed_.capacity();
  for (size_t word = 0; 64 * word < block.size(); ++word) {
    for (uint64_t bits = found[word]; bits != 0; bits &= bits - 1) {
      const size_t i = 64 * word + static_cast<size_t>(std::countr_zero(bits));
      if (ids[i] == 0) continue;
      signed_.push_back({CellIdKey(cells[i], ids[i]), SignOfClass(classes[i])});
      ids[i] = 0;
    }
  }
  options_.control->Take((signed_.capacity() - before) * sizeof(Signed));
}

void DistinctSink::AddToBitmaps(ScanBlock& block) {
  const uint32_t* const cells = block.cells();
  const uint32_t* const ids = ids_.get();
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

void DistinctSink::MakeBitmaps() {
  has_bitmaps_ = true;
  list_.ForEach([&](uint32_t cell, uint32_t id) { AddKey(CellIdKey(cell, id)); });
  list_.Clear();
}

void DistinctSink::AddToList(ScanBlock& block) {
  if (!list_.Add(block.cells(), ids_.get(), block.size()) || list_.size() < compact_at_) return;
  if (options_.bitmaps) return MakeBitmaps();
  Compact();
  compact_at_ = std::max(kFirstCompaction, 2 * list_.size());
}

void DistinctSink::Add(ScanBlock& block) {
  Kernels().count_ids(block.Ids(options_.slot), block.Classes(), block.size(), options_.below,
                      counted_.data(), ids_.get());
  if (options_.contested != nullptr) TakeContested(block);
  has_bitmaps_ ? AddToBitmaps(block) : AddToList(block);
}

// Every key once.
void DistinctSink::Compact() {
  const TakenMemory taken(*options_.control, words_ * sizeof(uint64_t));
  if (options_.control->failed() || !list_.SortByCell()) return;
  std::vector<uint64_t> seen(words_);
  list_.Shorten([&](std::span<uint32_t> ids) {
    size_t kept = 0;
    for (const uint32_t id : ids) {
      uint64_t& word = seen[id >> 6];
      const uint64_t bit = uint64_t{1} << (id & 63);
      ids[kept] = id;
      kept += (word & bit) == 0 ? 1 : 0;
      word |= bit;
    }
    for (size_t i = 0; i < kept; ++i) seen[ids[i] >> 6] = 0;
    return kept;
  });
}

}  // namespace tidemark::analytics
