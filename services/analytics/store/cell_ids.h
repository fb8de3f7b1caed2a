#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_IDS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_IDS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "services/analytics/store/query_control.h"

namespace tidemark::analytics {

// A cell and an id: cell << 32 | id.
constexpr uint64_t CellIdKey(uint32_t cell, uint32_t id) { return uint64_t{cell} << 32 | id; }
constexpr uint32_t CellOfKey(uint64_t key) { return static_cast<uint32_t>(key >> 32); }
constexpr uint32_t IdOfKey(uint64_t key) { return static_cast<uint32_t>(key); }

// A growing list of cells with ids, at most 16 bytes each. Takes its memory from a control; when
// that has failed, false is returned, and the list is not to be used any more.
class CellIds {
 public:
  // For cells below `cells`. The control must outlive the list.
  CellIds(size_t cells, QueryControl* control) : cells_(cells), control_(control) {}
  ~CellIds() { Clear(); }
  CellIds(const CellIds&) = delete;
  CellIds& operator=(const CellIds&) = delete;

  size_t size() const { return size_; }
  // Rows with id 0 are left out.
  bool Add(const uint32_t* cells, const uint32_t* ids, size_t n);
  bool Add(uint64_t key);
  // Afterwards sorted() has them by cell, those of one cell in any order.
  bool SortByCell();
  std::span<uint64_t> sorted() {
    return chunks_.empty() ? std::span<uint64_t>() : chunks_[0].used();
  }
  // Keeps the first keys of sorted() only.
  void Shorten(size_t size) { chunks_[0].size = size_ = size; }
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Chunk& chunk : chunks_) {
      for (uint64_t key : chunk.used()) visit(key);
    }
  }
  // Gives the memory back.
  void Clear();

 private:
  struct Chunk {
    std::unique_ptr<uint64_t[]> keys;
    size_t capacity = 0;
    size_t size = 0;
    std::span<uint64_t> used() const { return {keys.get(), size}; }
  };

  // Room for `n` more in the last chunk.
  bool Reserve(size_t n);
  bool NewChunk(size_t capacity, Chunk* chunk);

  const size_t cells_;
  QueryControl* const control_;
  std::vector<Chunk> chunks_;
  size_t size_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_IDS_H_
