#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_LOOKUP_STEP_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_LOOKUP_STEP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "clients/cli/import/compile_scope.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/text_steps.h"

namespace tidemark::importer {

// `map`: the name of an entry of `maps`, or a table in place; `unmapped` says what a text that is
// not in it becomes.
absl::StatusOr<std::unique_ptr<const TextStep>> CompileMapStep(const ConfigNode& node,
                                                               CompileScope& scope);
// `lookup`: regions or categories of the catalog; `unmapped` as above.
absl::StatusOr<std::unique_ptr<const TextStep>> CompileLookupStep(const ConfigNode& node,
                                                                  CompileScope& scope);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_LOOKUP_STEP_H_
