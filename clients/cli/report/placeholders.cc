#include "clients/cli/report/placeholders.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli::report {

absl::StatusOr<std::vector<TextPart>> SplitPlaceholders(std::string_view text) {
  std::vector<TextPart> parts;
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      plain += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == c) {
      plain += c;
      ++i;
      continue;
    }
    const size_t end = c == '{' ? text.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "byte ", i, ": `", std::string(1, c), "` alone; want {name}, or it twice for itself"));
    }
    const std::string_view name = text.substr(i + 1, end - i - 1);
    if (name.empty() || !std::all_of(name.begin(), name.end(), [](char one) {
          return absl::ascii_isalnum(static_cast<unsigned char>(one)) || one == '_';
        })) {
      return absl::InvalidArgumentError(
          absl::StrCat("byte ", i, ": `{", name, "}`, want a name of letters, digits and _"));
    }
    if (!plain.empty()) parts.push_back({std::move(plain)});
    plain.clear();
    parts.push_back({std::string(name), true});
    i = end;
  }
  if (!plain.empty()) parts.push_back({std::move(plain)});
  return parts;
}

}  // namespace tidemark::cli::report
