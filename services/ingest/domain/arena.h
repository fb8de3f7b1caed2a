#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_ARENA_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_ARENA_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tidemark::ingest {

// Memory for the small things that belong to one batch; freed together. Not thread-safe.
class Arena {
 public:
  // Aligned for any plain type. Valid until Clear().
  char* Allocate(size_t bytes) {
    bytes = (bytes + 15) & ~size_t{15};
    if (current_ == blocks_.size() || blocks_[current_].size - used_ < bytes) NextBlock(bytes);
    char* out = blocks_[current_].data.get() + used_;
    used_ += bytes;
    return out;
  }

  // Present even when empty.
  std::string_view Copy(std::string_view text) {
    char* out = Allocate(std::max<size_t>(text.size(), 1));
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
  }

  template <typename T>
  std::span<T> Copy(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 16);
    if (items.empty()) return {};
    T* out = reinterpret_cast<T*>(Allocate(items.size_bytes()));
    std::memcpy(static_cast<void*>(out), items.data(), items.size_bytes());
    return {out, items.size()};
  }

  // Forgets everything and keeps the blocks.
  void Clear() { current_ = used_ = 0; }

 private:
  static constexpr size_t kBlockBytes = 64 << 10;
  struct Block {
    std::unique_ptr<char[]> data;
    size_t size;
  };

  void NextBlock(size_t bytes) {
    if (!blocks_.empty() && current_ < blocks_.size()) ++current_;
    while (current_ < blocks_.size() && blocks_[current_].size < bytes) ++current_;
    if (current_ == blocks_.size()) {
      const size_t size = std::max(bytes, kBlockBytes);
      blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    }
    used_ = 0;
  }

  std::vector<Block> blocks_;
  size_t current_ = 0;
  size_t used_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_ARENA_H_
