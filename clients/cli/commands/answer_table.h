#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_TABLE_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_TABLE_H_

#include <iosfwd>
#include <string>
#include <vector>

#include "clients/cli/table/text_table.h"

namespace tidemark::analytics::v1 {
class Column;
class Result;
}  // namespace tidemark::analytics::v1

namespace tidemark::cli {

// The pages of an answer of analytics as one table. For programs (CSV, JSON) a column that has
// nulls is followed by NAME_null_reason, empty where there is a value.
class AnswerTable {
 public:
  // `brief`: without the columns that people rarely need: coverage and status (flags stay).
  explicit AnswerTable(bool brief) : brief_(brief) {}

  // Pages in order; every page of an answer has the same columns.
  void AddPage(const analytics::v1::Result& result);
  void Print(OutputFormat format, std::ostream& out) const;
  // Units of the columns that are not plain counts, such as `GBP`.
  const std::string& units() const { return units_; }
  // What is to be known about the answer, `CODE: message`.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  bool IsShown(const analytics::v1::Column& column) const;
  void AddUnit(const std::string& unit);

  bool brief_;
  std::vector<TextTable::Column> columns_;
  // By row and column. A reason is empty where there is a value.
  std::vector<std::vector<TextTable::Cell>> cells_;
  std::vector<std::vector<std::string>> reasons_;
  std::vector<bool> has_nulls_;  // by column
  std::string units_;
  std::vector<std::string> notes_;
};

// `-12.340` for (-12340, 3): exact.
std::string DecimalText(int64_t value, uint32_t decimals);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_TABLE_H_
