#ifndef TIDEMARK_CLIENTS_CLI_REPORT_PLACEHOLDERS_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_PLACEHOLDERS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::cli::report {

// A text with `{name}` in it, taken apart; `{{` and `}}` are braces.
struct TextPart {
  std::string text;
  // Whether `text` is the name of a placeholder.
  bool is_name = false;

  bool operator==(const TextPart&) const = default;
};

// INVALID_ARGUMENT: a brace without its other one, or a name of other characters than letters,
// digits and `_`.
absl::StatusOr<std::vector<TextPart>> SplitPlaceholders(std::string_view text);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_PLACEHOLDERS_H_
