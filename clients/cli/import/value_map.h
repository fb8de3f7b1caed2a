#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_VALUE_MAP_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_VALUE_MAP_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "clients/cli/import/config_node.h"

namespace tidemark::importer {

// A table from texts to texts, or to nothing (`Unspecified: ~`). Immutable after loading.
class ValueMap {
 public:
  // `{A: b, C: ~}`.
  static absl::StatusOr<std::shared_ptr<const ValueMap>> FromEntries(const ConfigNode& node,
                                                                     bool ignore_case);
  // An entry of `maps`: `values` with entries, or `file` with `key` and `value` columns (default:
  // the first two) and the keys of InputFormat; `ignore_case`.
  static absl::StatusOr<std::shared_ptr<const ValueMap>> Load(const ConfigNode& node,
                                                              const std::string& folder);

  bool ignores_case() const { return ignore_case_; }
  // Null: not in the table.
  const std::optional<std::string>* Find(std::string_view text) const;

 private:
  explicit ValueMap(bool ignore_case) : ignore_case_(ignore_case) {}
  // False when the key has another value already: `A` and `a` without regard to case.
  bool Add(std::string_view key, std::optional<std::string> value);

  const bool ignore_case_;
  absl::flat_hash_map<std::string, std::optional<std::string>> values_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_VALUE_MAP_H_
