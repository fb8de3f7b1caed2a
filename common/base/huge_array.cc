#include "common/base/huge_array.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "common/base/mutex.h"

namespace tidemark::base {
namespace {

constexpr size_t kCacheLine = 64;
constexpr size_t kPage = 4096;
constexpr size_t kSlabFrom = size_t{64} << 10;
constexpr size_t kSlabBytes = 4 * kHugePageBytes;

size_t RoundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

// Zeros that begin at a huge page.
char* Map(size_t bytes) {
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
  return reinterpret_cast<char*>(aligned);
}

// Memory is cut off the front of a slab and never given out twice, so that it stays zeros.
class Slabs {
 public:
  struct Slab {
    char* memory;
    size_t used = 0;
    size_t arrays = 0;
  };

  char* Cut(size_t bytes, void** from) {
    bytes = RoundUp(bytes, kCacheLine);
    MutexLock lock(mutex_);
    if (current_ == nullptr || kSlabBytes - current_->used < bytes) {
      Slab* const full = current_;
      current_ = new Slab{.memory = Map(kSlabBytes)};
      if (full != nullptr && full->arrays == 0) Drop(full);
    }
    char* const cut = current_->memory + current_->used;
    current_->used += bytes;
    ++current_->arrays;
    *from = current_;
    return cut;
  }
  void Free(void* from) {
    auto* const slab = static_cast<Slab*>(from);
    MutexLock lock(mutex_);
    if (--slab->arrays == 0 && slab != current_) Drop(slab);
  }

 private:
  static void Drop(Slab* slab) {
    ::munmap(slab->memory, kSlabBytes);
    delete slab;
  }

  Mutex mutex_;
  Slab* current_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

Slabs& AllSlabs() {
  static auto* const slabs = new Slabs;
  return *slabs;
}

}  // namespace

void FreeHugeArray::operator()(void* memory) const {
  if (slab != nullptr) {
    AllSlabs().Free(slab);
  } else if (bytes >= kHugePageBytes) {
    ::munmap(memory, RoundUp(bytes, kPage));
  } else {
    std::free(memory);
  }
}

std::unique_ptr<void, FreeHugeArray> AllocateHuge(size_t bytes) {
  using Huge = std::unique_ptr<void, FreeHugeArray>;
  if (bytes >= kHugePageBytes) return Huge(Map(bytes), {.bytes = bytes});
  if (bytes >= kSlabFrom) {
    void* slab = nullptr;
    char* const memory = AllSlabs().Cut(bytes, &slab);
    return Huge(memory, {.bytes = bytes, .slab = slab});
  }
  const size_t rounded = RoundUp(bytes == 0 ? 1 : bytes, kCacheLine);
  void* memory = std::aligned_alloc(kCacheLine, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  std::memset(memory, 0, rounded);
  return Huge(memory, {.bytes = bytes});
}

}  // namespace tidemark::base
