#include "services/analytics/store/cell_ids.h"

#include <algorithm>
#include <utility>

namespace tidemark::analytics {
namespace {

constexpr size_t kFirstChunk = 1 << 12;
constexpr size_t kLargestChunk = 1 << 16;
// What a list may have at most: places are counted in 32 bits.
constexpr size_t kMostIds = UINT32_MAX;

}  // namespace

void CellIds::Clear() {
  for (const Chunk& chunk : chunks_) control_->Give(chunk.capacity * sizeof(uint64_t));
  chunks_.clear();
  added_ = 0;
  if (sorted_ == nullptr) return;
  control_->Give((sorted_capacity_ + cells_ + 1) * sizeof(uint32_t));
  sorted_.reset();
  starts_.reset();
  sorted_size_ = 0;
}

bool CellIds::Reserve(size_t n) {
  if (!chunks_.empty() && chunks_.back().capacity - chunks_.back().size >= n) return true;
  const size_t capacity = std::max(std::clamp(added_, kFirstChunk, kLargestChunk), n);
  if (!control_->Take(capacity * sizeof(uint64_t))) return false;
  // Not value-initialised: it is written before it is read.
  chunks_.push_back({std::unique_ptr<uint64_t[]>(new uint64_t[capacity]), capacity, 0});
  return true;
}

bool CellIds::Add(const uint32_t* cells, const uint32_t* ids, size_t n) {
  if (!Reserve(n)) return false;
  Chunk& chunk = chunks_.back();
  uint64_t* out = chunk.keys.get() + chunk.size;
  for (size_t i = 0; i < n; ++i) {
    *out = CellIdKey(cells[i], ids[i]);
    out += ids[i] != 0 ? 1 : 0;
  }
  const size_t added = static_cast<size_t>(out - chunk.keys.get()) - chunk.size;
  chunk.size += added;
  added_ += added;
  return true;
}

bool CellIds::Add(uint64_t key) {
  if (!Reserve(1)) return false;
  Chunk& chunk = chunks_.back();
  chunk.keys[chunk.size++] = key;
  ++added_;
  return true;
}

bool CellIds::SortByCell() {
  const size_t total = size();
  if (added_ == 0) return true;
  if (total > kMostIds) {
    control_->Fail(absl::ResourceExhaustedError(
        "more than 4 billion rows to count distinct ids of: narrow the query"));
    return false;
  }
  if (!control_->Take((total + cells_ + 1) * sizeof(uint32_t))) return false;
  std::unique_ptr<uint32_t[]> starts(new uint32_t[cells_ + 1]());
  std::unique_ptr<uint32_t[]> sorted(new uint32_t[total]);
  ForEach([&](uint32_t cell, uint32_t) { ++starts[cell]; });
  uint32_t sum = 0;
  for (size_t cell = 0; cell <= cells_; ++cell) sum += std::exchange(starts[cell], sum);
  ForEach([&](uint32_t cell, uint32_t id) { sorted[starts[cell]++] = id; });
  // Each has moved to where the next began.
  for (size_t cell = cells_; cell > 0; --cell) starts[cell] = starts[cell - 1];
  starts[0] = 0;
  Clear();
  sorted_ = std::move(sorted);
  starts_ = std::move(starts);
  sorted_size_ = sorted_capacity_ = total;
  return true;
}

}  // namespace tidemark::analytics
