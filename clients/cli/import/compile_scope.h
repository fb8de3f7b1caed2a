#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_COMPILE_SCOPE_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_COMPILE_SCOPE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/decimal.h"
#include "clients/cli/import/name_resolver.h"
#include "clients/cli/import/value_map.h"

namespace tidemark::importer {

// What names mean while a mapping is compiled against an input.
struct CompileScope {
  // Columns of the input; for JSON lines they come into being when named.
  std::vector<std::string> columns;
  std::function<int(std::string_view path)> add_column;

  // Columns of joined files (`products.price`) and named texts, in order after the columns;
  // named numbers in their own order.
  std::vector<std::string> extra_texts;
  std::vector<std::string> numbers;

  std::map<std::string, std::shared_ptr<const ValueMap>, std::less<>> maps;
  // Where files that the mapping names are.
  std::string folder;
  NumberFormat number_format;
  // Texts that mean "nothing there", besides the empty text.
  std::vector<std::string> null_values;
  NameResolver* resolver = nullptr;

  // A text by name: a column, or an extra text. Columns are numbered from 0; extra texts get
  // negative numbers, -1 for the first, since a JSON input may still grow columns.
  // INVALID_ARGUMENT at `node`, naming the nearest names.
  absl::StatusOr<int> Text(const ConfigNode& node, std::string_view name);
  std::optional<int> Number(std::string_view name) const;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_COMPILE_SCOPE_H_
