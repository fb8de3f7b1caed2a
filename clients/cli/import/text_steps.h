#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_STEPS_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_STEPS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/import/compile_scope.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/row_context.h"

namespace tidemark::importer {

// One change of a text. Called for texts that are present only; may make them absent.
class TextStep {
 public:
  virtual ~TextStep() = default;
  virtual bool Apply(RowContext& context, std::string_view* text) const = 0;
};

// Keys of a text expression that are steps, in the order in which they are applied.
const std::vector<std::string>& TextStepKeys();

// The steps that `node` has, in that order. `default` is not among them: it applies to absent
// texts.
absl::StatusOr<std::vector<std::unique_ptr<const TextStep>>> CompileTextSteps(
    const ConfigNode& node, CompileScope& scope);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_STEPS_H_
