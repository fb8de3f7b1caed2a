#include "clients/cli/report/figures.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/report/report_words.h"
#include "common/status/status_macros.h"

namespace tidemark::cli::report {
namespace {

// `at`: where the template names the column.
absl::StatusOr<size_t> ColumnNamed(const AnswerRows& answer, const std::string& name,
                                   const ConfigNode& at) {
  if (const auto found = answer.Find(name)) return *found;
  std::vector<std::string> names;
  for (const AnswerColumn& column : answer.columns()) names.push_back(column.name);
  return at.Error(absl::StrCat("the answer has no column `", name, "`", NearestHint(name, names),
                               "; it has ", absl::StrJoin(names, ", ")));
}

// The column of a figure that names none: the first measure, else the first number.
absl::StatusOr<size_t> FirstNumber(const AnswerRows& answer, const ConfigNode& at) {
  std::optional<size_t> first;
  for (size_t i = 0; i < answer.columns().size(); ++i) {
    if (!answer.columns()[i].is_number) continue;
    if (answer.columns()[i].kind == analytics::v1::COLUMN_KIND_MEASURE) return i;
    if (!first) first = i;
  }
  if (!first) return at.Error("the answer has no numbers");
  return *first;
}

std::string ShownText(const AnswerCell& cell) {
  return cell.text.shown ? *cell.text.shown : cell.text.value.value_or("-");
}

// `2011-12 × products: PARTIAL`; empty: none.
std::string FlagsOf(const AnswerRows& answer, const std::vector<AnswerCell>& row) {
  std::string flags, keys;
  for (size_t i = 0; i < row.size(); ++i) {
    const AnswerColumn& column = answer.columns()[i];
    if (column.kind == analytics::v1::COLUMN_KIND_FLAGS) flags = row[i].text.value.value_or("");
    if (column.kind == analytics::v1::COLUMN_KIND_PERIOD ||
        column.kind == analytics::v1::COLUMN_KIND_DIMENSION) {
      absl::StrAppend(&keys, keys.empty() ? "" : " × ", ShownText(row[i]));
    }
  }
  if (flags.empty() || keys.empty()) return flags;
  return absl::StrCat(keys, ": ", flags);
}

}  // namespace

absl::StatusOr<ShownFigure> ShowFigure(const Figure& figure, const AnswerRows& answer,
                                       const std::string& language) {
  const ConfigNode& at = figure.data.at;
  size_t column = 0;
  if (figure.column.empty()) {
    TM_ASSIGN_OR_RETURN(column, FirstNumber(answer, at));
  } else {
    TM_ASSIGN_OR_RETURN(column, ColumnNamed(answer, figure.column, at.Get("column")));
  }
  std::vector<const std::vector<AnswerCell>*> rows;
  for (const auto& row : answer.rows()) rows.push_back(&row);
  for (const auto& [name, value] : figure.row) {
    const ConfigNode place = at.Get("row").Get(name);
    TM_ASSIGN_OR_RETURN(const size_t key, ColumnNamed(answer, name, place));
    std::erase_if(rows, [&, &wanted = value](const std::vector<AnswerCell>* row) {
      return (*row)[key].text.value != wanted;
    });
  }
  if (rows.size() != 1) {
    return at.Error(absl::StrCat(
        "`", figure.name, "` is one number, but ", rows.size(),
        " rows answer it; narrow the question by `where` and `in`, or name the row: row: {COLUMN: "
        "VALUE}"));
  }
  ShownFigure shown;
  shown.notes = answer.notes();
  if (std::string flags = FlagsOf(answer, *rows.front()); !flags.empty()) {
    shown.notes.push_back(std::move(flags));
  }
  const AnswerCell& cell = (*rows.front())[column];
  if (!cell.reason.empty()) {
    shown.text = absl::StrCat(WordsOf(language).no_value, " (", cell.reason, ")");
    return shown;
  }
  const std::string& unit = answer.columns()[column].shown_unit;
  shown.text = absl::StrCat(ShownText(cell), unit.empty() ? "" : " ", unit);
  return shown;
}

absl::StatusOr<Table> TableOf(const Exhibit& exhibit, const AnswerRows& answer,
                              const std::string& language) {
  const ConfigNode& at = exhibit.data.at;
  std::vector<size_t> shown;
  for (const std::string& name : exhibit.columns) {
    TM_ASSIGN_OR_RETURN(shown.emplace_back(), ColumnNamed(answer, name, at.Get("columns")));
  }
  if (exhibit.columns.empty()) {
    for (size_t i = 0; i < answer.columns().size(); ++i) shown.push_back(i);
  }
  for (const auto& [name, words] : exhibit.heads) {
    TM_RETURN_IF_ERROR(ColumnNamed(answer, name, words.at).status());
  }
  Table table;
  for (const size_t i : shown) {
    const AnswerColumn& column = answer.columns()[i];
    const auto named = exhibit.heads.find(column.name);
    std::string head = column.title;
    if (named != exhibit.heads.end()) {
      TM_ASSIGN_OR_RETURN(head, named->second.In(language));
    }
    if (!column.shown_unit.empty()) absl::StrAppend(&head, " (", column.shown_unit, ")");
    table.heads.push_back({std::move(head), column.is_number});
  }
  for (const auto& row : answer.rows()) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const size_t i : shown) cells.push_back(ShownText(row[i]));
  }
  return table;
}

}  // namespace tidemark::cli::report
