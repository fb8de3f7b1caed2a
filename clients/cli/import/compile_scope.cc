#include "clients/cli/import/compile_scope.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cli/app/nearest.h"

namespace tidemark::importer {
namespace {

std::optional<int> Find(const std::vector<std::string>& names, std::string_view name) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) return std::nullopt;
  return static_cast<int>(it - names.begin());
}

}  // namespace

absl::StatusOr<int> CompileScope::Text(const ConfigNode& node, std::string_view name) {
  if (const auto extra = Find(extra_texts, name)) return -1 - *extra;
  if (add_column) return add_column(name);
  if (const auto column = Find(columns, name)) return *column;
  std::vector<std::string> known = columns;
  known.insert(known.end(), extra_texts.begin(), extra_texts.end());
  known.insert(known.end(), numbers.begin(), numbers.end());
  // Read as a table: its first line, taken for the header, is an object.
  const bool is_json = !columns.empty() && columns[0].starts_with('{');
  return node.Error(absl::StrCat(
      "no column or name `", name, "`",
      is_json ? "; the input looks like JSON lines: add `format: jsonl`, or `json` for an array"
              : cli::NearestHint(name, known)));
}

std::optional<int> CompileScope::Number(std::string_view name) const { return Find(numbers, name); }

}  // namespace tidemark::importer
