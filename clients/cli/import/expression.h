#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_EXPRESSION_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_EXPRESSION_H_

#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cli/import/compile_scope.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/row_context.h"

// The small language of mappings, compiled to trees over column numbers: texts, numbers and
// conditions. docs/import-mapping.md describes it. Expressions are immutable; what a row needs is
// in its RowContext. Eval returns false when the row must be rejected; context.rejection says why.
namespace tidemark::importer {

class TextExpression {
 public:
  virtual ~TextExpression() = default;
  // Valid while the row is; without data() when absent.
  virtual bool Eval(RowContext& context, std::string_view* text) const = 0;
  // The text of expressions that are the same for every row.
  virtual std::optional<std::string_view> constant() const { return std::nullopt; }
};

class NumberExpression {
 public:
  virtual ~NumberExpression() = default;
  virtual bool Eval(RowContext& context, std::optional<Decimal>* number) const = 0;
};

class Condition {
 public:
  virtual ~Condition() = default;
  virtual bool Eval(RowContext& context, bool* holds) const = 0;
};

using TextPtr = std::unique_ptr<const TextExpression>;
using NumberPtr = std::unique_ptr<const NumberExpression>;
using ConditionPtr = std::unique_ptr<const Condition>;

// A scalar is a template; a map has one source and any steps. INVALID_ARGUMENT names file, line
// and key.
absl::StatusOr<TextPtr> CompileText(const ConfigNode& node, CompileScope& scope);
absl::StatusOr<NumberPtr> CompileNumber(const ConfigNode& node, CompileScope& scope);
// A list of conditions must hold together.
absl::StatusOr<ConditionPtr> CompileCondition(const ConfigNode& node, CompileScope& scope);

// `${column}` and plain text; `trim` takes blanks off the columns' values.
absl::StatusOr<TextPtr> CompileTemplate(const ConfigNode& node, CompileScope& scope,
                                        bool trim = true);

// The value of the column or name that `node` gives without `${}`.
absl::StatusOr<TextPtr> CompileColumn(const ConfigNode& node, CompileScope& scope,
                                      bool trim = true);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_EXPRESSION_H_
