#ifndef TIDEMARK_SERVICES_INGEST_API_UTF8_H_
#define TIDEMARK_SERVICES_INGEST_API_UTF8_H_

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tidemark::ingest {

enum class TextClass : uint8_t {
  kPlain,
  kControl,  // well-formed, with a character of U+0000-001F or U+007F-009F
  kInvalid,  // not well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong, up to U+10FFFF)
};

TextClass ClassifySlow(std::string_view text);

// Whether all characters are of U+0020-007E. One pass of eight bytes at a time; some texts with a
// character next to these are said not to be.
inline bool IsPrintableAscii(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  const char* p = text.data();
  size_t left = text.size();
  uint64_t odd = 0;
  uint64_t word;
  const auto look = [&odd](uint64_t w) {
    const uint64_t del = w ^ (kOnes * 0x7F);
    // High bit of a byte: not ASCII, below 0x20, or 0x7F (possibly its neighbour too).
    odd |= w | (w - kOnes * 0x20) | (del - kOnes);
  };
  if (left >= 8) {
    for (; left > 8; p += 8, left -= 8) {
      std::memcpy(&word, p, 8);
      look(word);
    }
    // The last eight bytes, some of them twice.
    std::memcpy(&word, p + left - 8, 8);
    look(word);
  } else {
    word = kOnes * 0x20;
    if (left > 0) std::memcpy(&word, p, left);
    look(word);
  }
  return (odd & kHighs) == 0;
}

// Quick for plain ASCII, which most texts are.
inline TextClass Classify(std::string_view text) {
  return IsPrintableAscii(text) ? TextClass::kPlain : ClassifySlow(text);
}

inline bool IsUtf8(std::string_view text) { return Classify(text) != TextClass::kInvalid; }

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_UTF8_H_
