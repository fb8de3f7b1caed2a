#include "services/ingest/store/huge_array.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace tidemark::ingest {
namespace {

constexpr size_t kCacheLine = 64;
constexpr size_t kPage = 4096;
// Smaller ones are malloc's: a growing table goes through many, and pages that the heap has already
// cost nothing, where fresh ones were a tenth of all the time spent on ordering events. What stays
// in the heap goes back with base::TrimHeap().
constexpr size_t kMappedFrom = kHugePageBytes;

size_t RoundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

void FreeHugeArray::operator()(void* memory) const {
  if (bytes >= kMappedFrom) {
    ::munmap(memory, RoundUp(bytes, kPage));
  } else {
    std::free(memory);
  }
}

void* AllocateHuge(size_t bytes) {
  if (bytes < kMappedFrom) {
    const size_t rounded = RoundUp(bytes == 0 ? 1 : bytes, kCacheLine);
    void* memory = std::aligned_alloc(kCacheLine, rounded);
    if (memory == nullptr) throw std::bad_alloc();
    std::memset(memory, 0, rounded);
    return memory;
  }
  // With room to align, which is then given back.
  const size_t rounded = RoundUp(bytes, kPage);
  void* memory = ::mmap(nullptr, rounded + kHugePageBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  const auto address = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t aligned = RoundUp(address, kHugePageBytes);
  if (aligned > address) ::munmap(memory, aligned - address);
  ::munmap(reinterpret_cast<void*>(aligned + rounded), kHugePageBytes - (aligned - address));
  // Only a wish: without huge pages it is slower, not wrong.
  ::madvise(reinterpret_cast<void*>(aligned), rounded, MADV_HUGEPAGE);
  return reinterpret_cast<void*>(aligned);
}

}  // namespace tidemark::ingest
