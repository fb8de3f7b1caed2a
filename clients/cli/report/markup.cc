#include "clients/cli/report/markup.h"

#include <unicode/utf8.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli::report {
namespace {

// Valid XML characters of one line.
std::string Clean(std::string_view text) {
  std::string clean;
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < length;) {
    const int32_t begin = i;
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    if (character < 0 || character == 0xFFFE || character == 0xFFFF) {
      clean += "\uFFFD";
    } else if (character < 0x20 || character == 0x7F) {
      clean += ' ';
    } else {
      clean += text.substr(begin, i - begin);
    }
  }
  return clean;
}

// Whether a line that begins so would be a list or a heading.
bool BeginsAList(std::string_view text) {
  if (text.empty()) return false;
  if (text[0] == '=') return true;
  // A number below zero is none.
  if (text[0] == '-' || text[0] == '+') {
    return text.size() == 1 || text[1] == ' ' || text[1] == text[0];
  }
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return digits > 0 && digits < text.size() && (text[digits] == '.' || text[digits] == ')') &&
         (digits + 1 == text.size() || text[digits + 1] == ' ');
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : Clean(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string MarkdownText(std::string_view text) {
  const std::string clean = Clean(text);
  std::string escaped;
  for (const char c : std::string_view(clean)) {
    if (std::string_view("\\`*_[]<>#|&~!{}^$").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  if (!BeginsAList(clean)) return escaped;
  const size_t mark = escaped.find_first_not_of("0123456789");
  return absl::StrCat(escaped.substr(0, mark), "\\", escaped.substr(mark));
}

std::string MarkdownCode(std::string_view text) {
  const std::string clean = Clean(text);
  // A fence longer than every run of back-ticks inside.
  size_t longest = 0;
  size_t run = 0;
  for (const char c : clean) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const char* pad = longest > 0 ? " " : "";
  return absl::StrCat(fence, pad, clean, pad, fence);
}

}  // namespace tidemark::cli::report
