#ifndef TIDEMARK_COMMON_BASE_HUGE_SPACE_H_
#define TIDEMARK_COMMON_BASE_HUGE_SPACE_H_

#include <cstddef>

namespace tidemark::base {

// An array that grows at its place: addresses for its largest size, which cost nothing, and memory
// from the front on as it is asked for and first written. Nothing is copied and no page is cleared
// twice, as they are when an array moves to a larger one. Made of huge pages (huge_array.h) but for
// the first 2 MiB, so that one that stays small stays so in memory, too.
//
// Not thread-safe, but memory may be used while more is asked for.
class HugeSpace {
 public:
  // Where the system does not give so many addresses (ulimit -v), fewer, which Extend then tells.
  // Throws std::bad_alloc when there are none. Begins at a huge page.
  explicit HugeSpace(size_t max_bytes);
  ~HugeSpace();
  HugeSpace(const HugeSpace&) = delete;
  HugeSpace& operator=(const HugeSpace&) = delete;

  // Makes the first `bytes` usable: zeros where they were not written. False, and nothing has
  // changed: that is more than `max_bytes`, or than the system gives.
  [[nodiscard]] bool Extend(size_t bytes) { return bytes <= usable_ || ExtendTo(bytes); }
  char* data() const { return data_; }

 private:
  bool ExtendTo(size_t bytes);

  size_t reserved_;
  char* data_ = nullptr;
  size_t usable_ = 0;
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_HUGE_SPACE_H_
