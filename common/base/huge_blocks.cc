#include "common/base/huge_blocks.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>

#include "common/base/huge_array.h"

namespace tidemark::base {
namespace {

std::atomic<size_t> huge_from{std::numeric_limits<size_t>::max()};

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Of the block, what whole huge pages fit in.
void WishForHugePages(void* block, size_t bytes) {
  const auto begin = reinterpret_cast<uintptr_t>(block);
  const uintptr_t first = (begin + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  const uintptr_t end = (begin + bytes) / kHugePageBytes * kHugePageBytes;
  // Only a wish: without huge pages it is slower, not wrong.
  if (first < end) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

void* Allocate(size_t bytes) {
  for (;;) {
    void* const block = std::malloc(bytes == 0 ? 1 : bytes);
    if (block != nullptr) {
      if (bytes >= huge_from.load(std::memory_order_relaxed)) WishForHugePages(block, bytes);
      return block;
    }
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}
#endif

}  // namespace

void UseHugePagesFrom(size_t bytes) {
  huge_from.store(bytes == 0 ? std::numeric_limits<size_t>::max() : bytes,
                  std::memory_order_relaxed);
}

}  // namespace tidemark::base

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The forms for arrays and those that do not throw call these.
void* operator new(size_t bytes) { return tidemark::base::Allocate(bytes); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
#endif
