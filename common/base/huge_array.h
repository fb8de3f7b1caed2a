#ifndef TIDEMARK_COMMON_BASE_HUGE_ARRAY_H_
#define TIDEMARK_COMMON_BASE_HUGE_ARRAY_H_

#include <cstddef>
#include <memory>
#include <type_traits>

namespace tidemark::base {

// 2 MiB on x86-64.
inline constexpr size_t kHugePageBytes = size_t{2} << 20;

struct FreeHugeArray {
  size_t bytes = 0;
  void* slab = nullptr;  // what a smaller array was cut from
  void operator()(void* memory) const;
};

// An array for reading at random places: begins at a cache line, and is made of huge pages (2 MiB),
// without which a look-up costs a page walk as well. One that fills such pages goes back to the
// system at once; smaller ones, from 64 KiB on, share slabs of them, which go back with their last
// array, so that arrays which grow together and leave their old memory together fit best. Arrays
// below that are malloc's.
template <typename T>
using HugeArray = std::unique_ptr<T[], FreeHugeArray>;

// Zeros, and what frees them. Throws std::bad_alloc. Thread-safe.
std::unique_ptr<void, FreeHugeArray> AllocateHuge(size_t bytes);

// `count` elements, all bits zero.
template <typename T>
HugeArray<T> MakeHugeArray(size_t count) {
  static_assert(std::is_trivially_destructible_v<T>);
  std::unique_ptr<void, FreeHugeArray> memory = AllocateHuge(count * sizeof(T));
  const FreeHugeArray free = memory.get_deleter();
  return HugeArray<T>(static_cast<T*>(memory.release()), free);
}

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_HUGE_ARRAY_H_
