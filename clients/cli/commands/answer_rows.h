#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_ROWS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/table/money_unit.h"
#include "clients/cli/table/text_table.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::cli {

// How the numbers of an answer are written.
struct NumberFormat {
  // In what money is counted; none: in the unit that it comes in, all digits.
  std::optional<MoneyUnit> amounts;
  // Digits behind the point of money, half away from zero; none: 2 for people, all for programs.
  // Without `amounts` it rounds money in the unit that it comes in.
  std::optional<uint32_t> decimals;
  // Digits of what is neither money nor counted: ratios in per cent, points, indices, numbers;
  // none: 2, of numbers 4.
  std::optional<uint32_t> ratio_decimals;
  // Units in Chinese.
  bool chinese = false;
};

struct AnswerColumn {
  std::string name;
  // For people what they call it, where the service says that; else the name.
  std::string title;
  // The title with the unit that amounts were divided into: `net (100 million CNY)`.
  std::string head;
  analytics::v1::ColumnKind kind = analytics::v1::COLUMN_KIND_UNSPECIFIED;
  // As the service says it.
  std::string unit;
  // What `unit` is called beside a number: `亿元`; empty for counts and ratios.
  std::string shown_unit;
  bool is_number = false;
  bool has_nulls = false;
};

struct AnswerCell {
  TextTable::Cell text;
  // To draw by, in the unit of the column; none for texts and nulls.
  std::optional<double> number;
  // Why there is no value; empty: there is one.
  std::string reason;
};

// What is to be known about an answer, `CODE: message`, or `CODE（标题）: message`.
std::string NoteText(const analytics::v1::Note& note);

// The pages of an answer of analytics, row by row.
class AnswerRows {
 public:
  // `brief`: without the columns that people rarely need: coverage and status (flags stay).
  // `for_people`: decides in which form of a cell `format` is rounded by default.
  AnswerRows(bool brief, NumberFormat format, bool for_people)
      : brief_(brief), for_people_(for_people), format_(std::move(format)) {}

  // Pages in order; every page of an answer has the same columns.
  void AddPage(const analytics::v1::Result& result);

  const std::vector<AnswerColumn>& columns() const { return columns_; }
  const std::vector<std::vector<AnswerCell>>& rows() const { return rows_; }
  // What is to be known about the answer, `CODE: message`.
  const std::vector<std::string>& notes() const { return notes_; }
  // Position of the column of that name.
  std::optional<size_t> Find(std::string_view name) const;

 private:
  bool IsShown(const analytics::v1::Column& column) const;
  AnswerColumn Describe(const analytics::v1::Column& column) const;
  // `unit`: of the row's value, which the column or the row tells.
  AnswerCell CellOf(const analytics::v1::Column& column, int row, std::string_view unit) const;
  // The unit of a row whose money is shown in another one.
  TextTable::Cell UnitCell(const std::string& unit) const;
  // `power`: `value` is in 10^power of the currency.
  TextTable::Cell MoneyCell(const std::string& value, int power) const;

  bool brief_;
  bool for_people_;
  NumberFormat format_;
  std::vector<AnswerColumn> columns_;
  std::vector<std::vector<AnswerCell>> rows_;
  std::vector<std::string> notes_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_ROWS_H_
