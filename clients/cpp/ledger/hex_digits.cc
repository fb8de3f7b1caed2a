#include "clients/cpp/ledger/hex_digits.h"

#include <cstdint>
#include <cstring>

namespace tidemark::ledger {
namespace {

constexpr size_t kHexAtOnce = 32;

// The bytes of kHexAtOnce lower-case hexadecimal digits; false when one is another character.
// Written for the compiler to take all of them at once.
bool PackDigits(const char* digits, char* out) {
  uint8_t values[kHexAtOnce];
  uint8_t bad = 0;
  for (size_t i = 0; i < kHexAtOnce; ++i) {
    const auto c = static_cast<uint8_t>(digits[i]);
    const auto number = static_cast<uint8_t>(c - '0');
    const auto letter = static_cast<uint8_t>(c - 'a');
    values[i] = static_cast<uint8_t>(number < 10 ? number : letter + 10);
    bad |= static_cast<uint8_t>(number < 10 || letter < 6 ? 0 : 1);
  }
  for (size_t i = 0; i < kHexAtOnce / 2; ++i) {
    out[i] = static_cast<char>(values[2 * i] << 4 | values[2 * i + 1]);
  }
  return bad == 0;
}

}  // namespace

bool PackHex(std::string_view text, char* out) {
  for (; text.size() > kHexAtOnce; text.remove_prefix(kHexAtOnce), out += kHexAtOnce / 2) {
    if (!PackDigits(text.data(), out)) return false;
  }
  char digits[kHexAtOnce];
  std::memset(digits, '0', sizeof(digits));
  std::memcpy(digits, text.data(), text.size());
  return PackDigits(digits, out);
}

bool PackUuid(const char* text, char* out) {
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
  char digits[kHexAtOnce];
  std::memcpy(digits, text, 8);
  std::memcpy(digits + 8, text + 9, 4);
  std::memcpy(digits + 12, text + 14, 4);
  std::memcpy(digits + 16, text + 19, 4);
  std::memcpy(digits + 20, text + 24, 12);
  return PackDigits(digits, out);
}

}  // namespace tidemark::ledger
