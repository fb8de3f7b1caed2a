// Reads YAML that somebody else wrote.
//
//   TM_ASSIGN_OR_RETURN(const YAML::Node root, yaml::Load(text, "orders.yaml"));
//
// As yaml-cpp, but refuses values that are not UTF-8 and what yaml-cpp does not end with: a text
// that its parser makes no progress in, a node that contains itself, and aliases that repeat parts
// until there is much more of them than is written. So whoever walks the nodes gets to an end.
// Thread-safe.
#ifndef TIDEMARK_COMMON_YAML_LOAD_H_
#define TIDEMARK_COMMON_YAML_LOAD_H_

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::yaml {

// Aliases may make a text stand for this many values, or for kMostRepeats times those written.
inline constexpr size_t kMostValues = 1'000'000;
inline constexpr size_t kMostRepeats = 10;

// Every document of `text`. INVALID_ARGUMENT "`file`:LINE: not YAML: ..."; `file` is for messages.
absl::StatusOr<std::vector<YAML::Node>> LoadAll(const std::string& text, std::string_view file);
// The only document; null for a text without one.
absl::StatusOr<YAML::Node> Load(const std::string& text, std::string_view file);

}  // namespace tidemark::yaml

#endif  // TIDEMARK_COMMON_YAML_LOAD_H_
