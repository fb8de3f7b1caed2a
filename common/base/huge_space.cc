#include "common/base/huge_space.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "common/base/huge_array.h"

namespace tidemark::base {
namespace {

size_t RoundUp(size_t bytes) {
  return (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
}

}  // namespace

HugeSpace::HugeSpace(size_t max_bytes) : reserved_(RoundUp(std::max<size_t>(max_bytes, 1))) {
  // With room to align, which is then given back. Not accessible, so that it does not count as
  // memory that is promised.
  void* memory = MAP_FAILED;
  while (true) {
    memory = ::mmap(nullptr, reserved_ + kHugePageBytes, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) break;
    if (reserved_ == kHugePageBytes) throw std::bad_alloc();
    reserved_ = RoundUp(reserved_ / 2);
  }
  char* const begin = static_cast<char*>(memory);
  const size_t before =
      RoundUp(reinterpret_cast<uintptr_t>(memory)) - reinterpret_cast<uintptr_t>(memory);
  data_ = begin + before;
  if (before > 0) ::munmap(begin, before);
  ::munmap(data_ + reserved_, kHugePageBytes - before);
  // Only a wish: without huge pages it is slower, not wrong.
  if (reserved_ > kHugePageBytes) {
    ::madvise(data_ + kHugePageBytes, reserved_ - kHugePageBytes, MADV_HUGEPAGE);
  }
}

HugeSpace::~HugeSpace() { ::munmap(data_, reserved_); }

bool HugeSpace::ExtendTo(size_t bytes) {
  if (bytes > reserved_) return false;
  const size_t end = RoundUp(bytes);
  if (::mprotect(data_ + usable_, end - usable_, PROT_READ | PROT_WRITE) != 0) return false;
  usable_ = end;
  return true;
}

}  // namespace tidemark::base
