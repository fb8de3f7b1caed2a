// Private to the checkpoint and proof sources: texts that are read line by line, each in one
// spelling only.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_TEXT_LINES_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_TEXT_LINES_H_

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace tidemark::ledger {

// A number in the one spelling std::to_chars gives it: no sign but '-', no leading zeros.
template <typename T>
bool ParseNumber(std::string_view text, T* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && absl::StrCat(*value) == text;
}

// Takes a line with its newline off the front; none when there is no newline.
inline std::optional<std::string_view> ConsumeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end + 1);
  return line;
}

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_TEXT_LINES_H_
