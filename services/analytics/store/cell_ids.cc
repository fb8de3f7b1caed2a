#include "services/analytics/store/cell_ids.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace tidemark::analytics {
namespace {

constexpr size_t kFirstChunk = 1 << 12;
constexpr size_t kLargestChunk = 1 << 16;
// Digits of a cell: as many places to write to as the cache has lines for.
constexpr int kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;

}  // namespace

bool CellIds::NewChunk(size_t capacity, Chunk* chunk) {
  if (!control_->Take(capacity * sizeof(uint64_t))) return false;
  // Not value-initialised: it is written before it is read.
  chunk->keys.reset(new uint64_t[capacity]);
  chunk->capacity = capacity;
  return true;
}

void CellIds::Clear() {
  for (const Chunk& chunk : chunks_) control_->Give(chunk.capacity * sizeof(uint64_t));
  chunks_.clear();
  size_ = 0;
}

bool CellIds::Reserve(size_t n) {
  if (!chunks_.empty() && chunks_.back().capacity - chunks_.back().size >= n) return true;
  Chunk chunk;
  const size_t capacity = std::clamp(size_, kFirstChunk, kLargestChunk);
  if (!NewChunk(std::max(capacity, n), &chunk)) return false;
  chunks_.push_back(std::move(chunk));
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
  size_ += added;
  return true;
}

bool CellIds::Add(uint64_t key) {
  if (!Reserve(1)) return false;
  Chunk& chunk = chunks_.back();
  chunk.keys[chunk.size++] = key;
  ++size_;
  return true;
}

bool CellIds::SortByCell() {
  // By digits, the lowest first; a single cell is only copied together.
  const int bits = std::max(1, static_cast<int>(std::bit_width(cells_ - 1)));
  if (chunks_.size() == 1 && cells_ == 1) return true;
  for (int shift = 0; shift < bits; shift += kDigitBits) {
    const auto digit = [shift](uint64_t key) {
      return static_cast<size_t>(key >> (32 + shift)) & (kDigits - 1);
    };
    size_t starts[kDigits] = {};
    ForEach([&](uint64_t key) { ++starts[digit(key)]; });
    size_t sum = 0;
    for (size_t& start : starts) sum += std::exchange(start, sum);
    Chunk sorted;
    if (!NewChunk(size_, &sorted)) return false;
    uint64_t* const keys = sorted.keys.get();
    ForEach([&](uint64_t key) { keys[starts[digit(key)]++] = key; });
    sorted.size = size_;
    Clear();
    size_ = sorted.size;
    chunks_.push_back(std::move(sorted));
  }
  return true;
}

}  // namespace tidemark::analytics
