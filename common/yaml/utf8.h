#ifndef TIDEMARK_COMMON_YAML_UTF8_H_
#define TIDEMARK_COMMON_YAML_UTF8_H_

#include <unicode/utf8.h>

#include <cstdint>
#include <string_view>

namespace tidemark::yaml {

// Well-formed by RFC 3629: no surrogates, nothing overlong, up to U+10FFFF.
inline bool IsUtf8(std::string_view text) {
  const auto length = static_cast<int64_t>(text.size());
  for (int64_t i = 0; i < length;) {
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    if (character < 0) return false;
  }
  return true;
}

}  // namespace tidemark::yaml

#endif  // TIDEMARK_COMMON_YAML_UTF8_H_
