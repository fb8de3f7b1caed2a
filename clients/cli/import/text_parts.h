#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_PARTS_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/yaml/utf8.h"

namespace tidemark::importer {

// Takes `part` off the front (the end) of `text`; false when it is not there.
inline bool TakePrefix(std::string_view& text, std::string_view part) {
  if (text.substr(0, part.size()) != part) return false;
  text.remove_prefix(part.size());
  return true;
}
inline bool TakeSuffix(std::string_view& text, std::string_view part) {
  if (text.size() < part.size() || text.substr(text.size() - part.size()) != part) return false;
  text.remove_suffix(part.size());
  return true;
}

// At most `most` bytes of the front, without half a character at the end.
inline std::string_view Front(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<uint8_t>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

using yaml::IsUtf8;

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_PARTS_H_
