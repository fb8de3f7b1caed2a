#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_COMPILER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_COMPILER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/compile_scope.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/row_mapper.h"

namespace tidemark::importer {

// Compiles `maps`, `join`, `let`, `numbers`, `skip`, `reject` and `event` of a mapping, in that
// order: each may use the names of those before it.
class MappingCompiler {
 public:
  // Both outlive the compiler.
  MappingCompiler(const ConfigNode& root, CompileScope& scope) : root_(root), scope_(scope) {}

  absl::StatusOr<std::unique_ptr<RowMapper>> Compile(const Units& units);

  // Keys of a mapping that this class reads.
  static const std::vector<std::string>& Keys();

 private:
  absl::Status CompileMaps();
  absl::Status CompileJoins();
  absl::Status CompileNames();
  absl::Status CompileSkips(std::string_view key, std::vector<RowMapper::Skip>* skips);

  const ConfigNode& root_;
  CompileScope& scope_;
  std::unique_ptr<RowMapper> mapper_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_COMPILER_H_
