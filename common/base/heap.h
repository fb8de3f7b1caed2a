#ifndef TIDEMARK_COMMON_BASE_HEAP_H_
#define TIDEMARK_COMMON_BASE_HEAP_H_

#include "absl/time/time.h"

namespace tidemark::base {

// How malloc keeps memory. By default glibc gives threads up to eight arenas per core, each with
// its own leftovers, and raises its thresholds after every large block: a server's memory then
// creeps up for hours under a load that needs no more, which looks like a leak and hides one.
struct HeapOptions {
  // Most arenas. One is steadiest; threads that allocate large blocks at the same time want one
  // per core.
  int arenas = 1;
  // Blocks from 4 MiB on come from the system and go back there at once, and so does what of the
  // free end of the heap is beyond 64 MiB; TrimHeap gives the rest. For servers that keep their
  // large buffers themselves: a query that takes and frees many was measured 25 % slower. With a
  // smaller end ingest spent a tenth of its time on pages that it had just given back.
  bool give_back = true;
};

// Once, before any thread is started. Does nothing where malloc is not glibc's.
void SetUpHeap(const HeapOptions& options);

// Gives free pages amid the heap back as well; takes a millisecond. For a base::Ticker: what one
// burst of requests left behind is gone kTrimInterval later.
void TrimHeap();
inline constexpr absl::Duration kTrimInterval = absl::Seconds(5);

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_HEAP_H_
