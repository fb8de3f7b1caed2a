#include "services/ingest/api/utf8.h"

namespace tidemark::ingest {

TextClass ClassifySlow(std::string_view text) {
  bool control = false;
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = p + text.size();
  while (p != end) {
    const uint8_t lead = *p++;
    if (lead < 0x80) {
      control |= lead < 0x20 || lead == 0x7F;
      continue;
    }
    // The second byte's range is where overlong forms, surrogates and U+110000 are refused.
    uint8_t low = 0x80;
    uint8_t high = 0xBF;
    int more = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1;
      control |= lead == 0xC2 && p != end && *p < 0xA0;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return TextClass::kInvalid;
    }
    for (; more > 0; --more) {
      if (p == end || *p < low || *p > high) return TextClass::kInvalid;
      ++p;
      low = 0x80;
      high = 0xBF;
    }
  }
  return control ? TextClass::kControl : TextClass::kPlain;
}

}  // namespace tidemark::ingest
