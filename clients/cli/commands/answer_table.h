#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_TABLE_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_TABLE_H_

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/commands/answer_rows.h"
#include "clients/cli/table/text_table.h"

namespace tidemark::cli {

// The pages of an answer of analytics as one table. For programs (CSV, JSON) a column that has
// nulls is followed by NAME_null_reason, empty where there is a value.
class AnswerTable {
 public:
  // `brief`: for people, without the columns that they rarely need (see AnswerRows).
  explicit AnswerTable(bool brief, NumberFormat format = {})
      : AnswerTable(brief, brief, std::move(format)) {}
  AnswerTable(bool brief, bool for_people, NumberFormat format)
      : rows_(brief, std::move(format), for_people) {}

  // Pages in order; every page of an answer has the same columns.
  void AddPage(const analytics::v1::Result& result);
  void Print(OutputFormat format, std::ostream& out) const;
  // Units of the columns that are not plain counts, such as `GBP`.
  const std::string& units() const { return units_; }
  // What is to be known about the answer, `CODE: message`.
  const std::vector<std::string>& notes() const { return rows_.notes(); }
  const AnswerRows& rows() const { return rows_; }

 private:
  void AddUnit(const AnswerColumn& column);

  AnswerRows rows_;
  std::string units_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_ANSWER_TABLE_H_
