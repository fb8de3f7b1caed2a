#include "clients/cli/commands/answer_rows.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/table/decimal_text.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;
using Cell = TextTable::Cell;

constexpr uint32_t kDecimalsForPeople = 2;
// A Gini coefficient of 0.28 and one of 0.2832 are not the same to whoever compares years.
constexpr uint32_t kDecimalsOfNumbers = 4;

// Empty: there is a value.
std::string ReasonAt(const v1::Column& column, int row) {
  if (row >= column.null_reasons_size() || column.null_reasons(row) == 0) return "";
  const v1::NullReason reason = column.null_reasons(row);
  const std::string name = v1::NullReason_Name(reason);
  constexpr std::string_view kPrefix = "NULL_REASON_";
  return absl::StartsWith(name, kPrefix) ? name.substr(kPrefix.size())
                                         : absl::StrCat("reason ", reason);
}

// The shortest decimal that is this value and no other: what was published as 6.2 reads so.
std::string ShortestDecimal(double value) {
  for (int digits = 15; digits < 17; ++digits) {
    const std::string text = absl::StrFormat("%.*g", digits, value);
    if (std::strtod(text.c_str(), nullptr) == value) return text;
  }
  return absl::StrFormat("%.17g", value);
}

std::string DoubleShown(const v1::Column& column, double value, std::optional<uint32_t> decimals) {
  if (column.unit() == "ratio") {
    return decimals ? absl::StrCat(RoundedDecimal(ExactDecimal(value), -2, *decimals), " %")
                    : absl::StrFormat("%.2f %%", value * 100);
  }
  if (column.unit() == "percentage_points") {
    if (!decimals) return absl::StrFormat("%+.2f pp", value);
    const std::string text = RoundedDecimal(ExactDecimal(value), 0, *decimals);
    return absl::StrCat(text[0] == '-' ? "" : "+", text, " pp");
  }
  if (column.unit() == "number") decimals = decimals.value_or(kDecimalsOfNumbers);
  if (decimals) return GroupThousands(RoundedDecimal(ExactDecimal(value), 0, *decimals));
  return GroupThousands(
      absl::StrFormat("%.*f", column.decimals() > 0 ? column.decimals() : 2, value));
}

const v1::Member& TextAt(const v1::Column& column, int row) {
  return column.dictionary().members(column.dictionary().indexes(row));
}

// Whether it has the units of the rows' values.
bool TellsUnits(const v1::Column& column) {
  return column.name() == "unit" && column.kind() == v1::COLUMN_KIND_STATISTIC &&
         column.has_dictionary();
}

std::string_view UnitOf(const v1::Column& column, const v1::Column* units, int row) {
  const bool told_by_row =
      units != nullptr && column.unit().empty() && column.kind() == v1::COLUMN_KIND_STATISTIC;
  return told_by_row ? TextAt(*units, row).code() : column.unit();
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

std::optional<double> Drawn(std::string_view decimal, int power) {
  double value;
  if (!absl::SimpleAtod(ShiftedDecimal(decimal, power), &value)) return std::nullopt;
  return value;
}

}  // namespace

std::string NoteText(const v1::Note& note) {
  if (note.title().empty()) return absl::StrCat(note.code(), ": ", note.message());
  return absl::StrCat(note.code(), "（", note.title(), "）: ", note.message());
}

bool AnswerRows::IsShown(const v1::Column& column) const {
  return !brief_ ||
         (column.kind() != v1::COLUMN_KIND_COVERAGE && column.kind() != v1::COLUMN_KIND_STATUS);
}

AnswerColumn AnswerRows::Describe(const v1::Column& column) const {
  const bool titled = for_people_ && !column.title().empty();
  const std::string& title = titled ? column.title() : column.name();
  AnswerColumn described{.name = column.name(),
                         .title = title,
                         .head = title,
                         .kind = column.kind(),
                         .unit = column.unit(),
                         .is_number = !column.has_dictionary()};
  const std::optional<Money> money = MoneyOf(column.unit());
  if (!described.is_number || !money) return described;
  described.shown_unit = column.unit();
  if (!format_.amounts) return described;
  described.shown_unit = UnitText(*format_.amounts, money->currency, format_.chinese);
  absl::StrAppend(&described.head, " (", described.shown_unit, ")");
  return described;
}

Cell AnswerRows::MoneyCell(const std::string& value, int power) const {
  return NumberCell(format_.decimals ? RoundedDecimal(value, power, *format_.decimals)
                    : for_people_    ? RoundedDecimal(value, power, kDecimalsForPeople)
                                     : ShiftedDecimal(value, power));
}

Cell AnswerRows::UnitCell(const std::string& unit) const {
  const std::optional<Money> money = MoneyOf(unit);
  if (!money || !format_.amounts) return {unit, {}};
  return {UnitText(*format_.amounts, money->currency, format_.chinese), {}};
}

AnswerCell AnswerRows::CellOf(const v1::Column& column, int row, std::string_view unit) const {
  AnswerCell cell{.reason = ReasonAt(column, row)};
  if (!cell.reason.empty()) {
    cell.text = {std::nullopt, absl::StrCat("- ", cell.reason)};
    return cell;
  }
  const std::optional<Money> money = MoneyOf(unit);
  const bool scaled = money && (format_.amounts || format_.decimals);
  const int power = scaled && format_.amounts ? format_.amounts->power - money->power : 0;
  switch (column.values_case()) {
    case v1::Column::kIntegers: {
      const std::string text = DecimalText(column.integers().values(row), column.decimals());
      cell.text = scaled ? MoneyCell(text, power) : NumberCell(text);
      cell.number = Drawn(text, power);
      return cell;
    }
    case v1::Column::kDoubles: {
      const double value = column.doubles().values(row);
      const std::string exact = ShortestDecimal(value);
      const bool rounded = for_people_ || format_.decimals;
      cell.text = scaled ? MoneyCell(rounded ? ExactDecimal(value) : exact, power)
                         : Cell{exact, DoubleShown(column, value, format_.ratio_decimals)};
      cell.number = Drawn(exact, power);
      return cell;
    }
    case v1::Column::kDictionary:
      cell.text = TellsUnits(column) ? UnitCell(TextAt(column, row).code())
                                     : MemberCell(TextAt(column, row));
      return cell;
    default:
      cell.text = {std::nullopt, {}};
      return cell;
  }
}

void AnswerRows::AddPage(const v1::Result& result) {
  std::vector<const v1::Column*> shown;
  for (const v1::Column& column : result.columns()) {
    if (IsShown(column)) shown.push_back(&column);
  }
  if (columns_.empty()) {
    for (const v1::Column* column : shown) columns_.push_back(Describe(*column));
    for (const v1::Note& note : result.notes()) {
      notes_.push_back(NoteText(note));
    }
  }
  const auto units = std::find_if(result.columns().begin(), result.columns().end(), TellsUnits);
  const v1::Column* const units_of_rows = units == result.columns().end() ? nullptr : &*units;
  for (int row = 0; row < static_cast<int>(result.row_count()); ++row) {
    std::vector<AnswerCell>& cells = rows_.emplace_back();
    for (size_t i = 0; i < shown.size(); ++i) {
      cells.push_back(CellOf(*shown[i], row, UnitOf(*shown[i], units_of_rows, row)));
      if (!cells.back().reason.empty()) columns_[i].has_nulls = true;
    }
  }
}

std::optional<size_t> AnswerRows::Find(std::string_view name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [&](const AnswerColumn& one) { return one.name == name; });
  if (found == columns_.end()) return std::nullopt;
  return found - columns_.begin();
}

}  // namespace tidemark::cli
