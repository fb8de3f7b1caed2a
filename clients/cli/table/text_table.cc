#include "clients/cli/table/text_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/table/csv_field.h"
#include "clients/cli/table/display_width.h"

namespace tidemark::cli {
namespace {

// One line: a line end, tab or escape in a value must neither break the table nor steer the
// terminal.
std::string Shown(const TextTable::Cell& cell) {
  std::string text = cell.shown ? *cell.shown : cell.value.value_or("-");
  for (char& c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return text;
}

std::string JsonText(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void TrimRight(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

}  // namespace

void TextTable::Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

void TextTable::AddTexts(const std::vector<std::string>& row) {
  std::vector<Cell> cells;
  for (const std::string& text : row) cells.push_back({.value = text, .shown = {}});
  Add(std::move(cells));
}

void TextTable::Print(OutputFormat format, std::ostream& out) const {
  switch (format) {
    case OutputFormat::kTable:
      return PrintAligned(out);
    case OutputFormat::kCsv:
      return PrintCsv(out);
    case OutputFormat::kJson:
      return PrintJson(out);
  }
}

void TextTable::PrintAligned(std::ostream& out) const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(DisplayWidth(column.name));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(Shown(row[i])));
    }
  }
  const auto print = [&](auto text_of) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += "  ";
      line += PadTo(text_of(i), widths[i], columns_[i].kind == kNumber);
    }
    TrimRight(line);
    out << line << '\n';
  };
  print([&](size_t i) { return columns_[i].name; });
  for (const auto& row : rows_) print([&](size_t i) { return Shown(row[i]); });
}

void TextTable::PrintCsv(std::ostream& out) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    out << (i > 0 ? "," : "") << CsvField(columns_[i].name);
  }
  out << "\r\n";
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      out << (i > 0 ? "," : "") << CsvField(row[i].value.value_or(""));
    }
    out << "\r\n";
  }
}

void TextTable::PrintJson(std::ostream& out) const {
  out << "[";
  for (size_t r = 0; r < rows_.size(); ++r) {
    out << (r > 0 ? ",\n " : "\n ") << "{";
    for (size_t i = 0; i < columns_.size(); ++i) {
      const Cell& cell = rows_[r][i];
      out << (i > 0 ? ", " : "") << JsonText(columns_[i].name) << ": ";
      if (!cell.value) {
        out << "null";
      } else {
        out << (columns_[i].kind == kNumber ? *cell.value : JsonText(*cell.value));
      }
    }
    out << "}";
  }
  out << (rows_.empty() ? "]\n" : "\n]\n");
}

std::string GroupThousands(std::string_view number) {
  const size_t begin = !number.empty() && number[0] == '-' ? 1 : 0;
  const size_t end = std::min(number.find_first_of(".eE"), number.size());
  std::string out(number.substr(0, begin));
  for (size_t i = begin; i < end; ++i) {
    out += number[i];
    const size_t left = end - i - 1;
    if (left > 0 && left % 3 == 0) out += ',';
  }
  return absl::StrCat(out, number.substr(end));
}

std::string GroupThousands(uint64_t number) {
  return GroupThousands(std::string_view(absl::StrCat(number)));
}

TextTable::Cell NumberCell(std::string number) {
  std::string shown = GroupThousands(number);
  return {std::move(number), std::move(shown)};
}

}  // namespace tidemark::cli
