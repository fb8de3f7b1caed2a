#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_KEYED_TABLE_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_KEYED_TABLE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "clients/cli/import/config_node.h"

namespace tidemark::importer {

// A small table in memory, found by one of its columns: a file to join.
// Immutable after loading.
class KeyedTable {
 public:
  // `node` has `file` (relative to `folder`), and may have `format`, `encoding`, `delimiter` ...
  // as a mapping has for its input, `key` (default: the first column) and `duplicates`: what to
  // do with a second row of one key: reject (the load), first, last.
  static absl::StatusOr<std::unique_ptr<KeyedTable>> Load(const ConfigNode& node,
                                                          const std::string& folder);
  // Keys of `node` that Load reads.
  static const std::vector<std::string>& LoadKeys();

  const std::vector<std::string>& columns() const { return columns_; }
  // Values of the row of that key, blanks around them taken off; empty when there is none.
  absl::Span<const std::string> Find(std::string_view key) const {
    const auto it = rows_.find(key);
    if (it == rows_.end()) return {};
    return absl::MakeConstSpan(cells_).subspan(it->second * columns_.size(), columns_.size());
  }
  // In the file's order.
  void ForEach(const std::function<void(std::string_view key, absl::Span<const std::string> row)>&
                   visit) const;

 private:
  std::vector<std::string> columns_;
  size_t key_column_ = 0;
  std::vector<std::string> cells_;
  absl::flat_hash_map<std::string, size_t> rows_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_KEYED_TABLE_H_
