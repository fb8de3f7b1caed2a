#ifndef TIDEMARK_COMMON_BASE_TAIL_HASH_H_
#define TIDEMARK_COMMON_BASE_TAIL_HASH_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tidemark::base {

// A place, 0 to 255, for a code among the ones met lately: the codes of one list share their
// beginning, and differ in length and in their last bytes. For caches only, where texts chosen to
// collide cost a look elsewhere and no more.
inline size_t TailHash(std::string_view text) {
  uint64_t tail = 0;
  if (text.size() >= 8) {
    std::memcpy(&tail, text.data() + text.size() - 8, 8);
  } else if (!text.empty()) {
    std::memcpy(&tail, text.data(), text.size());
  }
  return static_cast<size_t>(((tail ^ text.size()) * 0x9E3779B97F4A7C15) >> 56);
}
inline constexpr size_t kTailHashes = 256;

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_TAIL_HASH_H_
