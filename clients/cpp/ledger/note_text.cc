#include "clients/cpp/ledger/note_text.h"

#include <cstddef>
#include <cstdint>

namespace tidemark::ledger {
namespace {

constexpr uint32_t kInvalid = UINT32_MAX;

// Takes one code point off the front; kInvalid for what is not shortest-form UTF-8.
uint32_t ConsumeCodePoint(std::string_view* text) {
  const auto lead = static_cast<uint8_t>(text->front());
  const size_t size = lead < 0x80                   ? 1
                      : lead >= 0xC2 && lead < 0xE0 ? 2
                      : lead >= 0xE0 && lead < 0xF0 ? 3
                                                    : 4;
  if (lead >= 0xF5 || (lead >= 0x80 && lead < 0xC2) || size > text->size()) return kInvalid;
  uint32_t point = size == 1 ? lead : lead & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) {
    const auto next = static_cast<uint8_t>((*text)[i]);
    if ((next & 0xC0) != 0x80) return kInvalid;
    point = point << 6 | (next & 0x3F);
  }
  const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  if (overlong || (point >= 0xD800 && point < 0xE000) || point > 0x10FFFF) return kInvalid;
  text->remove_prefix(size);
  return point;
}

bool IsSpace(uint32_t point) {
  return point == ' ' || point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
         point == 0x202F || point == 0x205F || point == 0x3000;
}

}  // namespace

bool IsNoteText(std::string_view text) {
  while (!text.empty()) {
    const uint32_t point = ConsumeCodePoint(&text);
    if (point == kInvalid || (point < 0x20 && point != '\n')) return false;
  }
  return true;
}

bool IsKeyName(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const uint32_t point = ConsumeCodePoint(&name);
    if (point == kInvalid || point < 0x20 || point == '+' || IsSpace(point)) return false;
  }
  return true;
}

}  // namespace tidemark::ledger
