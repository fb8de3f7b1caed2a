#include "clients/cli/commands/answer_table.h"

#include <optional>
#include <ostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli {

void AnswerTable::AddUnit(const AnswerColumn& column) {
  const std::string& unit = column.shown_unit.empty() ? column.unit : column.shown_unit;
  for (const char* plain :
       {"", "count", "ratio", "number", "percentage_points", "source_days", "orders"}) {
    if (unit == plain) return;
  }
  if (absl::StrContains(absl::StrCat(", ", units_, ","), absl::StrCat(", ", unit, ","))) return;
  absl::StrAppend(&units_, units_.empty() ? "" : ", ", unit);
}

void AnswerTable::AddPage(const analytics::v1::Result& result) {
  const bool first = rows_.columns().empty();
  rows_.AddPage(result);
  if (!first) return;
  for (const AnswerColumn& column : rows_.columns()) AddUnit(column);
}

void AnswerTable::Print(OutputFormat format, std::ostream& out) const {
  if (rows_.columns().empty()) return;
  const auto tells_reasons = [&](const AnswerColumn& column) {
    return format != OutputFormat::kTable && column.has_nulls;
  };
  std::vector<TextTable::Column> columns;
  for (const AnswerColumn& column : rows_.columns()) {
    columns.push_back({column.head, column.is_number ? TextTable::kNumber : TextTable::kText});
    if (tells_reasons(column)) columns.push_back({absl::StrCat(column.name, "_null_reason")});
  }
  TextTable table(std::move(columns));
  for (const std::vector<AnswerCell>& row : rows_.rows()) {
    std::vector<TextTable::Cell> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(row[i].text);
      if (!tells_reasons(rows_.columns()[i])) continue;
      const std::string& reason = row[i].reason;
      cells.push_back({reason.empty() ? std::nullopt : std::optional(reason), {}});
    }
    table.Add(std::move(cells));
  }
  table.Print(format, out);
}

}  // namespace tidemark::cli
