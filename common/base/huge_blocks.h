#ifndef TIDEMARK_COMMON_BASE_HUGE_BLOCKS_H_
#define TIDEMARK_COMMON_BASE_HUGE_BLOCKS_H_

#include <cstddef>

namespace tidemark::base {

// From now on blocks of `new` of so many bytes and more, so large vectors and maps too, are made of
// huge pages where the system lets a process wish for them: their first use and giving them back
// take a fraction of the time. A program that calls it has its own `operator new`, which is
// malloc's; not with sanitizers, whose own it keeps. 0: none any more. Thread-safe.
void UseHugePagesFrom(size_t bytes);

// Below it a block may hold no huge page at all.
inline constexpr size_t kHugeBlockBytes = size_t{4} << 20;

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_HUGE_BLOCKS_H_
