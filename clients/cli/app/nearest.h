#ifndef TIDEMARK_CLIENTS_CLI_APP_NEAREST_H_
#define TIDEMARK_CLIENTS_CLI_APP_NEAREST_H_

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::cli {

// "; did you mean `delimiter`?" with the candidate that takes fewest edits (ASCII case apart), else
// "; known: a, b, c"; of more than 20 "; nearest: a, b, c", those that hold the text or are part of
// it, then those of fewest edits. For error messages.
std::string NearestHint(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_NEAREST_H_
