#ifndef TIDEMARK_CLIENTS_CLI_REPORT_TEMPLATE_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_TEMPLATE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/commands/answer_rows.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/report/question.h"
#include "clients/cli/table/money_unit.h"

// A bulletin as it is written down (docs/report.md): what is said, and what is asked for it.
namespace tidemark::cli::report {

using importer::ConfigNode;

// A text per language; one without a language (key "") serves for all.
struct Words {
  ConfigNode at;
  std::map<std::string, std::string> by_language;

  // An error at its place when the language is missing.
  absl::StatusOr<std::string> In(const std::string& language) const;
};

// A question of the template, and how its numbers are written.
struct Data {
  ConfigNode at;
  // With `{parameters}` in its text.
  Question question;
  // Where its text stands.
  ConfigNode text_at;
  // Of the answer's tables; empty: the first.
  std::string table;
  // Of money, per language; "": of all.
  std::map<std::string, MoneyUnit> amounts;
  std::optional<uint32_t> decimals;

  NumberFormat NumbersIn(const std::string& language) const;
};

// A number that texts can name.
struct Figure {
  std::string name;
  Data data;
  std::string column;
  // Which row: columns and their values as csv has them. The row must be the only one.
  std::vector<std::pair<std::string, std::string>> row;
};

enum class ChartType { kNone, kBars, kLine, kHeatMap };

// A table, a chart of it, or both.
struct Exhibit {
  Data data;
  std::optional<Words> caption;
  // Which columns, in this order; empty: all.
  std::vector<std::string> columns;
  // Other names of columns.
  std::map<std::string, Words> heads;
  ChartType chart = ChartType::kNone;
  std::string chart_column;
  bool show_table = true;
};

struct Block {
  // Either a text or an exhibit.
  std::optional<Words> text;
  std::optional<Exhibit> exhibit;
};

struct Section {
  Words title;
  std::vector<Block> blocks;
};

struct Template {
  Words title;
  // Of the report when nobody asks for another.
  std::string language = "en";
  std::optional<Words> subtitle;
  std::map<std::string, Words> parameters;
  std::vector<Figure> figures;
  std::vector<Section> sections;
};

// `file` is for messages. INVALID_ARGUMENT "FILE:LINE: FIELD: ...".
absl::StatusOr<Template> ReadTemplate(const std::string& text, const std::string& file);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_TEMPLATE_H_
