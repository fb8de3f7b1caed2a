#ifndef TIDEMARK_SERVICES_INGEST_STORE_HUGE_ARRAY_H_
#define TIDEMARK_SERVICES_INGEST_STORE_HUGE_ARRAY_H_

#include <cstddef>
#include <memory>
#include <type_traits>

namespace tidemark::ingest {

// 2 MiB on x86-64.
inline constexpr size_t kHugePageBytes = size_t{2} << 20;

struct FreeHugeArray {
  size_t bytes = 0;
  void operator()(void* memory) const;
};

// An array for reading at random places: begins at a cache line, and is made of huge pages as far
// as it fills them (2 MiB), without which a look-up costs a page walk as well. Goes back to the
// system at once.
template <typename T>
using HugeArray = std::unique_ptr<T[], FreeHugeArray>;

// Zeros. Throws std::bad_alloc.
void* AllocateHuge(size_t bytes);

// `count` elements, all bits zero.
template <typename T>
HugeArray<T> MakeHugeArray(size_t count) {
  static_assert(std::is_trivially_destructible_v<T>);
  const size_t bytes = count * sizeof(T);
  return HugeArray<T>(static_cast<T*>(AllocateHuge(bytes)), FreeHugeArray{bytes});
}

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_HUGE_ARRAY_H_
