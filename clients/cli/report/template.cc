#include "clients/cli/report/template.h"

#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/report/placeholders.h"
#include "clients/cli/table/money_unit.h"
#include "common/status/status_macros.h"

namespace tidemark::cli::report {
namespace {

struct Source {
  Question::Kind kind;
  const char* key;
  // Keys that go with it.
  std::vector<std::string> options;
};

const std::vector<Source>& Sources() {
  static const auto& sources = *new std::vector<Source>{
      {Question::kQuery, "query", {}},
      {Question::kForecast, "forecast", {"horizon", "season", "join_january_february"}},
      {Question::kFlows, "flows", {"level", "to", "groups"}},
      {Question::kAvailability, "availability", {}},
      {Question::kConcentration, "concentration", {}},
      {Question::kCoConsumption, "co_consumption", {"of", "goods_and_services", "within"}},
  };
  return sources;
}

std::string SourceKeys() {
  return absl::StrJoin(Sources(), ", ", [](std::string* out, const Source& source) {
    absl::StrAppend(out, "`", source.key, "`");
  });
}

absl::StatusOr<Words> ReadWords(const ConfigNode& node) {
  Words words{.at = node, .by_language = {}};
  if (node.IsScalar() && !node.IsNull()) {
    TM_ASSIGN_OR_RETURN(words.by_language[""], node.Text());
    return words;
  }
  TM_ASSIGN_OR_RETURN(const auto entries, node.Entries());
  if (entries.empty()) return node.Error("missing; want a text, or {en: ..., zh: ...}");
  for (const auto& [language, text] : entries) {
    if (language != "en" && language != "zh") return text.Error("want the languages en and zh");
    TM_ASSIGN_OR_RETURN(words.by_language[language], text.Text());
  }
  return words;
}

absl::StatusOr<std::optional<Words>> MaybeWords(const ConfigNode& node, std::string_view key) {
  if (!node.Has(key)) return std::nullopt;
  TM_ASSIGN_OR_RETURN(Words words, ReadWords(node.Get(key)));
  return words;
}

// The only source among the keys of the node; null: there is none.
absl::StatusOr<const Source*> SourceOf(const ConfigNode& node) {
  const Source* found = nullptr;
  for (const Source& source : Sources()) {
    if (!node.Has(source.key)) continue;
    if (found != nullptr) {
      return node.Get(source.key)
          .Error(absl::StrCat("beside `", found->key, "`; want one of them"));
    }
    found = &source;
  }
  return found;
}

absl::StatusOr<uint32_t> NumberOf(const ConfigNode& node, std::string_view key) {
  TM_ASSIGN_OR_RETURN(const int64_t number,
                      node.IntOf(key, 0, 0, std::numeric_limits<int32_t>::max()));
  return static_cast<uint32_t>(number);
}

absl::StatusOr<Question> ReadQuestion(const ConfigNode& node, const Source& source) {
  Question question{.kind = source.kind};
  TM_ASSIGN_OR_RETURN(question.text, node.Get(source.key).Text());
  TM_ASSIGN_OR_RETURN(question.horizon, NumberOf(node, "horizon"));
  TM_ASSIGN_OR_RETURN(question.season, NumberOf(node, "season"));
  TM_ASSIGN_OR_RETURN(question.join_january_february, node.BoolOf("join_january_february", false));
  TM_ASSIGN_OR_RETURN(question.level, node.TextOf("level", ""));
  const std::vector<std::string> ends = {"seller", "place_of_use"};
  TM_ASSIGN_OR_RETURN(const int to, node.ChoiceOf("to", ends, -1));
  if (to >= 0) question.to = ends[to];
  TM_ASSIGN_OR_RETURN(question.groups, node.Get("groups").Texts());
  TM_ASSIGN_OR_RETURN(question.of, node.TextOf("of", ""));
  TM_ASSIGN_OR_RETURN(question.goods_and_services, node.BoolOf("goods_and_services", false));
  TM_ASSIGN_OR_RETURN(question.within, NumberOf(node, "within"));
  return question;
}

// `more`: keys besides those of the question and its numbers.
absl::StatusOr<Data> ReadData(const ConfigNode& node, std::vector<std::string> more) {
  TM_ASSIGN_OR_RETURN(const Source* source, SourceOf(node));
  if (source == nullptr) return node.Error(absl::StrCat("want one of ", SourceKeys()));
  more.push_back(source->key);
  more.insert(more.end(), source->options.begin(), source->options.end());
  more.insert(more.end(), {"table", "amounts", "decimals"});
  TM_RETURN_IF_ERROR(node.CheckKeys(more));
  Data data{.at = node, .question = {}, .text_at = node.Get(source->key)};
  TM_ASSIGN_OR_RETURN(data.question, ReadQuestion(node, *source));
  TM_ASSIGN_OR_RETURN(data.table, node.TextOf("table", ""));
  if (node.Has("amounts")) {
    TM_ASSIGN_OR_RETURN(const Words units, ReadWords(node.Get("amounts")));
    for (const auto& [language, text] : units.by_language) {
      const auto unit = ParseMoneyUnit(text);
      if (!unit.ok()) return units.at.Error(unit.status().message());
      data.amounts.emplace(language, *unit);
    }
  }
  if (node.Has("decimals")) {
    TM_ASSIGN_OR_RETURN(const int64_t decimals, node.IntOf("decimals", 2, 0, 12));
    data.decimals = static_cast<uint32_t>(decimals);
  }
  return data;
}

absl::StatusOr<Figure> ReadFigure(const ConfigNode& node) {
  if (!node.IsMap()) return node.Error("want a map with `name` and a question");
  TM_ASSIGN_OR_RETURN(Data data, ReadData(node, {"name", "column", "row"}));
  Figure figure{.name = {}, .data = std::move(data), .column = {}, .row = {}};
  TM_ASSIGN_OR_RETURN(figure.name, node.Get("name").Text());
  const auto parts = SplitPlaceholders(absl::StrCat("{", figure.name, "}"));
  if (!parts.ok() || parts->size() != 1 || !parts->front().is_name) {
    return node.Get("name").Error(absl::StrCat("`", figure.name, "`, want letters, digits and _"));
  }
  TM_ASSIGN_OR_RETURN(figure.column, node.TextOf("column", ""));
  TM_ASSIGN_OR_RETURN(const auto row, node.Get("row").Entries());
  for (const auto& [column, value] : row) {
    TM_ASSIGN_OR_RETURN(std::string text, value.Text());
    figure.row.emplace_back(column, std::move(text));
  }
  return figure;
}

absl::StatusOr<Exhibit> ReadExhibit(const ConfigNode& node) {
  TM_ASSIGN_OR_RETURN(Data data, ReadData(node, {"caption", "columns", "heads", "chart",
                                                 "chart_column", "show_table"}));
  Exhibit exhibit{.data = std::move(data)};
  TM_ASSIGN_OR_RETURN(exhibit.caption, MaybeWords(node, "caption"));
  TM_ASSIGN_OR_RETURN(exhibit.columns, node.Get("columns").Texts());
  TM_ASSIGN_OR_RETURN(const auto heads, node.Get("heads").Entries());
  for (const auto& [column, words] : heads) {
    TM_ASSIGN_OR_RETURN(Words head, ReadWords(words));
    exhibit.heads.emplace(column, std::move(head));
  }
  TM_ASSIGN_OR_RETURN(const int chart,
                      node.ChoiceOf("chart", {"none", "bars", "line", "heatmap"}, 0));
  exhibit.chart = static_cast<ChartType>(chart);
  TM_ASSIGN_OR_RETURN(exhibit.chart_column, node.TextOf("chart_column", ""));
  TM_ASSIGN_OR_RETURN(exhibit.show_table, node.BoolOf("show_table", true));
  if (exhibit.chart == ChartType::kNone && !exhibit.show_table) {
    return node.Get("show_table").Error("without a chart nothing would be shown");
  }
  return exhibit;
}

absl::StatusOr<Block> ReadBlock(const ConfigNode& node) {
  if (!node.IsMap()) {
    return node.Error(absl::StrCat("want a map with `text` or one of ", SourceKeys()));
  }
  Block block;
  if (node.Has("text")) {
    TM_RETURN_IF_ERROR(node.CheckKeys({"text"}));
    TM_ASSIGN_OR_RETURN(block.text, ReadWords(node.Get("text")));
  } else {
    TM_ASSIGN_OR_RETURN(block.exhibit, ReadExhibit(node));
  }
  return block;
}

absl::StatusOr<Section> ReadSection(const ConfigNode& node) {
  if (!node.IsMap()) return node.Error("want a map with `title` and `blocks`");
  TM_RETURN_IF_ERROR(node.CheckKeys({"title", "blocks"}));
  TM_ASSIGN_OR_RETURN(Words title, ReadWords(node.Get("title")));
  Section section{.title = std::move(title), .blocks = {}};
  TM_ASSIGN_OR_RETURN(const auto blocks, node.Get("blocks").Elements());
  for (const ConfigNode& block : blocks) {
    TM_ASSIGN_OR_RETURN(section.blocks.emplace_back(), ReadBlock(block));
  }
  return section;
}

}  // namespace

NumberFormat Data::NumbersIn(const std::string& language) const {
  NumberFormat format{
      .amounts = {}, .decimals = decimals, .ratio_decimals = decimals, .chinese = language == "zh"};
  for (const std::string& key : {language, std::string()}) {
    const auto found = amounts.find(key);
    if (found == amounts.end()) continue;
    format.amounts = found->second;
    break;
  }
  return format;
}

absl::StatusOr<std::string> Words::In(const std::string& language) const {
  for (const std::string& key : {language, std::string()}) {
    const auto found = by_language.find(key);
    if (found != by_language.end()) return found->second;
  }
  return at.Error(absl::StrCat("no text in the language ", language));
}

absl::StatusOr<Template> ReadTemplate(const std::string& text, const std::string& file) {
  TM_ASSIGN_OR_RETURN(const ConfigNode root, ConfigNode::Parse(text, file));
  if (!root.IsMap()) return root.Error("want a map with `title` and `sections`");
  TM_RETURN_IF_ERROR(
      root.CheckKeys({"language", "title", "subtitle", "parameters", "figures", "sections"}));
  TM_ASSIGN_OR_RETURN(Words title, ReadWords(root.Get("title")));
  Template report{.title = std::move(title)};
  const std::vector<std::string> languages = {"en", "zh"};
  TM_ASSIGN_OR_RETURN(const int language, root.ChoiceOf("language", languages, 0));
  report.language = languages[language];
  TM_ASSIGN_OR_RETURN(report.subtitle, MaybeWords(root, "subtitle"));
  TM_ASSIGN_OR_RETURN(const auto parameters, root.Get("parameters").Entries());
  std::set<std::string> names;
  for (const auto& [name, value] : parameters) {
    TM_ASSIGN_OR_RETURN(Words words, ReadWords(value));
    report.parameters.emplace(name, std::move(words));
    names.insert(name);
  }
  TM_ASSIGN_OR_RETURN(const auto figures, root.Get("figures").Elements());
  for (const ConfigNode& node : figures) {
    TM_ASSIGN_OR_RETURN(Figure figure, ReadFigure(node));
    if (!names.insert(figure.name).second) {
      return node.Get("name").Error(absl::StrCat("`", figure.name, "` is taken already"));
    }
    report.figures.push_back(std::move(figure));
  }
  TM_ASSIGN_OR_RETURN(const auto sections, root.Get("sections").Elements());
  if (sections.empty()) return root.Get("sections").Error("missing; want at least one section");
  for (const ConfigNode& node : sections) {
    TM_ASSIGN_OR_RETURN(Section section, ReadSection(node));
    report.sections.push_back(std::move(section));
  }
  return report;
}

}  // namespace tidemark::cli::report
