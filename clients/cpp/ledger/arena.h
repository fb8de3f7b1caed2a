// Private to BlockReader: memory of the columns of one block, given back all at once and kept for
// the next block.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_ARENA_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_ARENA_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace tidemark::ledger {

class Arena {
 public:
  // `count` values, not initialised. Never nullptr, also for none.
  template <typename T>
  std::span<T> Array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
    return {static_cast<T*>(Allocate(count * sizeof(T))), count};
  }

  void Clear() {
    chunk_ = 0;
    used_ = 0;
  }

 private:
  static constexpr size_t kAlignment = 16;
  static constexpr size_t kChunkBytes = 64 * 1024;

  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    size_t size;
  };

  void* Allocate(size_t bytes) {
    bytes = (bytes + kAlignment - 1) & ~(kAlignment - 1);
    while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < bytes) {
      ++chunk_;
      used_ = 0;
    }
    if (chunk_ == chunks_.size()) {
      const size_t size = std::max(bytes, kChunkBytes);
      chunks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
      used_ = 0;
    }
    void* out = chunks_[chunk_].bytes.get() + used_;
    used_ += bytes;
    return out;
  }

  std::vector<Chunk> chunks_;
  size_t chunk_ = 0;  // the one being filled
  size_t used_ = 0;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_ARENA_H_
