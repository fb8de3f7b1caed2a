#include "clients/cli/commands/answer_table.h"

#include <optional>
#include <ostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;
using Cell = TextTable::Cell;

std::string ReasonText(v1::NullReason reason) {
  const std::string name = v1::NullReason_Name(reason);
  constexpr std::string_view kPrefix = "NULL_REASON_";
  return absl::StartsWith(name, kPrefix) ? name.substr(kPrefix.size())
                                         : absl::StrCat("reason ", reason);
}

std::string DoubleShown(const v1::Column& column, double value) {
  if (column.unit() == "ratio") return absl::StrFormat("%.2f %%", value * 100);
  if (column.unit() == "percentage_points") return absl::StrFormat("%+.2f pp", value);
  return GroupThousands(
      absl::StrFormat("%.*f", column.decimals() > 0 ? column.decimals() : 2, value));
}

Cell MemberCell(const v1::Member& member) {
  switch (member.kind()) {
    case v1::MEMBER_KIND_UNKNOWN:
      return {"UNKNOWN", {}};
    case v1::MEMBER_KIND_UNALLOCATED:
      return {
          absl::StrCat("UNALLOCATED:", member.code()),
          absl::StrCat(member.label().empty() ? member.code() : member.label(), " (UNALLOCATED)")};
    default:
      if (member.label().empty()) return {member.code(), {}};
      return {member.code(), absl::StrCat(member.label(), " (", member.code(), ")")};
  }
}

// Empty: there is a value.
std::string ReasonAt(const v1::Column& column, int row) {
  if (row >= column.null_reasons_size() || column.null_reasons(row) == 0) return "";
  return ReasonText(column.null_reasons(row));
}

Cell CellOf(const v1::Column& column, int row, const std::string& reason) {
  if (!reason.empty()) return {std::nullopt, absl::StrCat("- ", reason)};
  switch (column.values_case()) {
    case v1::Column::kIntegers: {
      const std::string text = DecimalText(column.integers().values(row), column.decimals());
      return {text, GroupThousands(text)};
    }
    case v1::Column::kDoubles: {
      const double value = column.doubles().values(row);
      return {absl::StrFormat("%.17g", value), DoubleShown(column, value)};
    }
    case v1::Column::kDictionary:
      return MemberCell(column.dictionary().members(column.dictionary().indexes(row)));
    default:
      return {std::nullopt, {}};
  }
}

}  // namespace

std::string DecimalText(int64_t value, uint32_t decimals) {
  // Unsigned, so that the smallest integer has an absolute value.
  const uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : value;
  std::string digits = absl::StrCat(magnitude);
  if (decimals > 0) {
    if (digits.size() <= decimals) {
      digits = absl::StrCat(std::string(decimals + 1 - digits.size(), '0'), digits);
    }
    const size_t point = digits.size() - decimals;
    digits = absl::StrCat(digits.substr(0, point), ".", digits.substr(point));
  }
  return absl::StrCat(value < 0 ? "-" : "", digits);
}

bool AnswerTable::IsShown(const v1::Column& column) const {
  return !brief_ ||
         (column.kind() != v1::COLUMN_KIND_COVERAGE && column.kind() != v1::COLUMN_KIND_STATUS);
}

void AnswerTable::AddUnit(const std::string& unit) {
  for (const char* plain : {"", "count", "ratio", "percentage_points", "source_days", "orders"}) {
    if (unit == plain) return;
  }
  if (absl::StrContains(absl::StrCat(", ", units_, ","), absl::StrCat(", ", unit, ","))) return;
  absl::StrAppend(&units_, units_.empty() ? "" : ", ", unit);
}

void AnswerTable::AddPage(const v1::Result& result) {
  std::vector<const v1::Column*> shown;
  for (const v1::Column& column : result.columns()) {
    if (IsShown(column)) shown.push_back(&column);
  }
  if (columns_.empty()) {
    for (const v1::Column* column : shown) {
      columns_.push_back(
          {column->name(), column->has_dictionary() ? TextTable::kText : TextTable::kNumber});
      AddUnit(column->unit());
    }
    has_nulls_.resize(columns_.size());
    for (const v1::Note& note : result.notes())
      notes_.push_back(absl::StrCat(note.code(), ": ", note.message()));
  }
  for (int row = 0; row < static_cast<int>(result.row_count()); ++row) {
    std::vector<Cell>& cells = cells_.emplace_back();
    std::vector<std::string>& reasons = reasons_.emplace_back();
    for (size_t i = 0; i < shown.size(); ++i) {
      reasons.push_back(ReasonAt(*shown[i], row));
      if (!reasons.back().empty()) has_nulls_[i] = true;
      cells.push_back(CellOf(*shown[i], row, reasons.back()));
    }
  }
}

void AnswerTable::Print(OutputFormat format, std::ostream& out) const {
  if (columns_.empty()) return;
  const auto tells_reasons = [&](size_t i) {
    return format != OutputFormat::kTable && has_nulls_[i];
  };
  std::vector<TextTable::Column> columns;
  for (size_t i = 0; i < columns_.size(); ++i) {
    columns.push_back(columns_[i]);
    if (tells_reasons(i)) columns.push_back({absl::StrCat(columns_[i].name, "_null_reason")});
  }
  TextTable table(std::move(columns));
  for (size_t row = 0; row < cells_.size(); ++row) {
    std::vector<Cell> cells;
    for (size_t i = 0; i < columns_.size(); ++i) {
      cells.push_back(cells_[row][i]);
      if (!tells_reasons(i)) continue;
      const std::string& reason = reasons_[row][i];
      cells.push_back({reason.empty() ? std::nullopt : std::optional(reason), {}});
    }
    table.Add(std::move(cells));
  }
  table.Print(format, out);
}

}  // namespace tidemark::cli
