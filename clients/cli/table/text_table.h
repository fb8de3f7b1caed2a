#ifndef TIDEMARK_CLIENTS_CLI_TABLE_TEXT_TABLE_H_
#define TIDEMARK_CLIENTS_CLI_TABLE_TEXT_TABLE_H_

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/app/command_host.h"

namespace tidemark::cli {

// A table on its way to a person or a program.
//
//   TextTable table({{"name"}, {"version", TextTable::kNumber}});
//   table.Add({{"regions/gb", {}}, {"1234", "1,234"}});
//   table.Print(OutputFormat::kTable, std::cout);
//
// kTable: aligned by display width, numbers to the right. kCsv: RFC 4180 with a header. kJson: one
// array of objects; numbers stay numbers. A cell can show people more than programs (`12,345.00`
// for 12345.00).
class TextTable {
 public:
  enum Kind { kText, kNumber };

  struct Column {
    std::string name;
    Kind kind = kText;
  };

  struct Cell {
    // For CSV and JSON. In number columns a JSON number; none: null, an empty field.
    std::optional<std::string> value;
    // For people; none: as `value`, `-` for null.
    std::optional<std::string> shown;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns.
  void Add(std::vector<Cell> row);
  void AddTexts(const std::vector<std::string>& row);

  size_t row_count() const { return rows_.size(); }
  void Print(OutputFormat format, std::ostream& out) const;

 private:
  void PrintAligned(std::ostream& out) const;
  void PrintCsv(std::ostream& out) const;
  void PrintJson(std::ostream& out) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// `1,234,567.89` of `1234567.89`; the sign stays in front.
std::string GroupThousands(std::string_view number);
std::string GroupThousands(uint64_t number);
// The number as it is for programs, and with its thousands apart for people.
TextTable::Cell NumberCell(std::string number);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_TABLE_TEXT_TABLE_H_
