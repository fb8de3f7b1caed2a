#include "common/base/heap.h"

#include <malloc.h>

namespace tidemark::base {

void SetUpHeap([[maybe_unused]] const HeapOptions& options) {
#ifdef __GLIBC__
  ::mallopt(M_ARENA_MAX, options.arenas);
  if (!options.give_back) return;
  // Setting either stops glibc from moving both.
  ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

void TrimHeap() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace tidemark::base
