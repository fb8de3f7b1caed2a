#ifndef TIDEMARK_COMMON_BASE_VARINT_H_
#define TIDEMARK_COMMON_BASE_VARINT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::base {

// Minimal LEB128: seven bits a byte, lowest first, no trailing zero group. One value has one
// encoding, so bytes that are hashed cannot be written in two ways.
inline constexpr size_t kMaxVarintBytes = 10;

// Writes at most kMaxVarintBytes; returns one past the last byte written.
inline char* EncodeVarint(uint64_t value, char* out) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

inline void AppendVarint(uint64_t value, std::string* out) {
  char buffer[kMaxVarintBytes];
  out->append(buffer, static_cast<size_t>(EncodeVarint(value, buffer) - buffer));
}

inline size_t VarintBytes(uint64_t value) {
  size_t bytes = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++bytes;
  }
  return bytes;
}

// Takes one varint off the front of `data`. False, with `data` and `value` untouched, when the
// bytes end early, overflow 64 bits or are not minimal.
[[nodiscard]] inline bool ConsumeVarint(std::string_view* data, uint64_t* value) {
  uint64_t result = 0;
  for (size_t i = 0; i < data->size() && i < kMaxVarintBytes; ++i) {
    const auto byte = static_cast<unsigned char>((*data)[i]);
    if (i == kMaxVarintBytes - 1 && byte > 1) return false;
    result |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      if (byte == 0 && i > 0) return false;
      *value = result;
      data->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// Small magnitudes of either sign become small unsigned numbers.
constexpr uint64_t ZigZagEncode(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t ZigZagDecode(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_VARINT_H_
