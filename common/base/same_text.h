#ifndef TIDEMARK_COMMON_BASE_SAME_TEXT_H_
#define TIDEMARK_COMMON_BASE_SAME_TEXT_H_

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tidemark::base {

// a == b for the short codes that are compared several times an event, without a call of memcmp.
inline bool SameText(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const char* p = a.data();
  const char* q = b.data();
  size_t left = a.size();
  uint64_t x = 0;
  uint64_t y = 0;
  if (left >= 8) {
    for (; left > 8; p += 8, q += 8, left -= 8) {
      std::memcpy(&x, p, 8);
      std::memcpy(&y, q, 8);
      if (x != y) return false;
    }
    // The last eight bytes, some of them twice.
    std::memcpy(&x, p + left - 8, 8);
    std::memcpy(&y, q + left - 8, 8);
    return x == y;
  }
  for (size_t i = 0; i < left; ++i) {
    if (p[i] != q[i]) return false;
  }
  return true;
}

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_SAME_TEXT_H_
