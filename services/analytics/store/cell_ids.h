#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_IDS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_IDS_H_

#include <algorithm>
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

// A growing list of cells with ids. Takes its memory from a control, at most 12 bytes each and 4
// per cell; when that has failed, false is returned, and the list is not to be used any more.
class CellIds {
 public:
  // For cells below `cells`. The control must outlive the list.
  CellIds(size_t cells, QueryControl* control) : cells_(cells), control_(control) {}
  ~CellIds() { Clear(); }
  CellIds(const CellIds&) = delete;
  CellIds& operator=(const CellIds&) = delete;

  size_t size() const { return sorted_size_ + added_; }
  // Rows with id 0 are left out.
  bool Add(const uint32_t* cells, const uint32_t* ids, size_t n);
  bool Add(uint64_t key);
  // Puts the ids of each cell together: Of() has them, in any order.
  bool SortByCell();
  // After sorting.
  std::span<uint32_t> Of(size_t cell) {
    if (sorted_ == nullptr) return {};
    return {sorted_.get() + starts_[cell], starts_[cell + 1] - starts_[cell]};
  }
  // After sorting: keep(ids of a cell) says how many of the first ones stay.
  template <typename Keep>
  void Shorten(Keep keep);
  // Calls visit(cell, id) for all.
  template <typename Visit>
  void ForEach(Visit visit) const;
  // Gives the memory back.
  void Clear();

 private:
  struct Chunk {
    std::unique_ptr<uint64_t[]> keys;
    size_t capacity = 0;
    size_t size = 0;
  };

  // Room for `n` more in the last chunk.
  bool Reserve(size_t n);

  const size_t cells_;
  QueryControl* const control_;
  std::vector<Chunk> chunks_;  // added since they were sorted
  size_t added_ = 0;
  std::unique_ptr<uint32_t[]> sorted_, starts_;
  size_t sorted_size_ = 0, sorted_capacity_ = 0;
};

template <typename Keep>
void CellIds::Shorten(Keep keep) {
  if (sorted_ == nullptr) return;
  uint32_t to = 0;
  for (size_t cell = 0; cell < cells_; ++cell) {
    const std::span<uint32_t> ids = Of(cell);
    const size_t kept = keep(ids);
    std::copy_n(ids.data(), kept, sorted_.get() + to);
    starts_[cell] = to;
    to += static_cast<uint32_t>(kept);
  }
  starts_[cells_] = to;
  sorted_size_ = to;
}

template <typename Visit>
void CellIds::ForEach(Visit visit) const {
  if (sorted_ != nullptr) {
    for (size_t cell = 0; cell < cells_; ++cell) {
      for (size_t i = starts_[cell]; i < starts_[cell + 1]; ++i)
        visit(static_cast<uint32_t>(cell), sorted_[i]);
    }
  }
  for (const Chunk& chunk : chunks_) {
    for (size_t i = 0; i < chunk.size; ++i) visit(CellOfKey(chunk.keys[i]), IdOfKey(chunk.keys[i]));
  }
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CELL_IDS_H_
