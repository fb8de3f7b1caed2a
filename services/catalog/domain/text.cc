#include "services/catalog/domain/text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kQuotedBytes = 100;

// Length of the well-formed character at the front of `text`; 0 when there is none.
size_t CharacterLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                        : lead >= 0xe0 && lead <= 0xef ? 3
                        : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  // The second byte's range excludes overlong forms, surrogates and what is beyond U+10FFFF.
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  }
  return length;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool HasControlCharacter(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return true;
  }
  return false;
}

bool HasControlCharacterInLines(std::string_view text) {
  for (const char c : text) {
    if (c != '\n' && c != '\t' && HasControlCharacter({&c, 1})) return true;
  }
  return false;
}

std::string Quoted(std::string_view text) {
  if (!IsUtf8(text) || HasControlCharacter(text)) {
    const bool cut = text.size() > kQuotedBytes;
    return absl::StrCat("`", absl::CHexEscape(text.substr(0, kQuotedBytes)), cut ? "..." : "", "`");
  }
  size_t end = 0;
  while (end < text.size()) {
    const size_t length = CharacterLength(text.substr(end));
    if (end + length > kQuotedBytes) break;
    end += length;
  }
  return absl::StrCat("`", text.substr(0, end), end < text.size() ? "..." : "", "`");
}

bool IsLanguageTag(std::string_view tag) {
  if (tag.empty() || tag.size() > 35) return false;
  bool first = true;
  for (const std::string_view part : absl::StrSplit(tag, '-')) {
    if (part.empty() || part.size() > 8 || (first && part.size() < 2)) return false;
    for (const char c : part) {
      if (!(first ? absl::ascii_isalpha(c) : absl::ascii_isalnum(c))) return false;
    }
    first = false;
  }
  return true;
}

std::string Bytes(size_t count) { return absl::StrCat(count, count == 1 ? " byte" : " bytes"); }

}  // namespace tidemark::catalog
