#include "clients/cli/import/mapping_parts.h"

#include "common/status/status_macros.h"

namespace tidemark::importer {

bool HasLookup(const ConfigNode& node) {
  if (node.IsSequence()) {
    const auto elements = node.Elements();
    for (const ConfigNode& element : *elements) {
      if (HasLookup(element)) return true;
    }
  }
  if (!node.IsMap()) return false;
  const auto entries = node.Entries();
  // Wrong entries are reported by whoever compiles them.
  if (!entries.ok()) return false;
  for (const auto& [key, child] : *entries) {
    if (key == "lookup" || HasLookup(child)) return true;
  }
  return false;
}

absl::StatusOr<std::vector<std::string>> ReadNullValues(const ConfigNode& node) {
  TM_ASSIGN_OR_RETURN(const auto elements, node.Elements());
  std::vector<std::string> values;
  for (const ConfigNode& element : elements) {
    if (element.IsNull()) {
      // What YAML itself reads as nothing when it stands without quotes.
      values.insert(values.end(), {"NULL", "Null", "null", "~"});
    } else {
      TM_ASSIGN_OR_RETURN(values.emplace_back(), element.Text());
    }
  }
  return values;
}

}  // namespace tidemark::importer
