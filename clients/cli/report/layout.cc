#include "clients/cli/report/layout.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/chart/chart_from_answer.h"
#include "clients/cli/report/figures.h"
#include "clients/cli/report/placeholders.h"
#include "clients/cli/report/report_chart.h"
#include "common/status/status_macros.h"

namespace tidemark::cli::report {
namespace {

// The same error, told of a place in the template.
absl::Status At(const ConfigNode& place, const absl::Status& status) {
  absl::Status told(status.code(), place.Error(status.message()).message());
  status.ForEachPayload(
      [&told](absl::string_view url, const absl::Cord& payload) { told.SetPayload(url, payload); });
  return told;
}

class Layout {
 public:
  Layout(const Template& report, const LayoutOptions& options, const AskFunction& ask)
      : report_(report),
        ask_(ask),
        language_(options.language.empty() ? report.language : options.language) {}

  absl::StatusOr<Document> Run(const std::map<std::string, std::string>& parameters) {
    document_.language = language_;
    TM_RETURN_IF_ERROR(TakeParameters(parameters));
    for (const Figure& figure : report_.figures) TM_RETURN_IF_ERROR(TakeFigure(figure));
    TM_ASSIGN_OR_RETURN(document_.title, LineOfWords(report_.title));
    if (report_.subtitle) {
      TM_ASSIGN_OR_RETURN(document_.subtitle, LineOfWords(*report_.subtitle));
    }
    for (const Section& section : report_.sections) {
      ShownSection& shown = document_.sections.emplace_back();
      TM_ASSIGN_OR_RETURN(shown.title, LineOfWords(section.title));
      for (const Block& block : section.blocks) {
        if (block.text) {
          TM_RETURN_IF_ERROR(AddParagraphs(*block.text, &shown));
        } else {
          TM_ASSIGN_OR_RETURN(shown.blocks.emplace_back(), ShowExhibit(*block.exhibit));
        }
      }
    }
    return std::move(document_);
  }

 private:
  struct Asked {
    Question question;
    Answer answer;
    // Its footnote.
    size_t source;
  };

  absl::Status TakeParameters(const std::map<std::string, std::string>& given) {
    for (const auto& [name, words] : report_.parameters) {
      const auto own = given.find(name);
      if (own != given.end()) {
        parameters_[name] = own->second;
      } else {
        TM_ASSIGN_OR_RETURN(parameters_[name], words.In(language_));
      }
      values_[name] = {parameters_[name], 0};
    }
    for (const auto& [name, value] : given) {
      if (parameters_.contains(name)) continue;
      std::vector<std::string> names;
      for (const auto& [known, unused] : parameters_) names.push_back(known);
      return UsageError(absl::InvalidArgumentError(absl::StrCat(
          "--set: the template has no parameter `", name, "`", NearestHint(name, names))));
    }
    return absl::OkStatus();
  }

  // A text of parameters only, as questions are.
  absl::StatusOr<std::string> WithParameters(const std::string& text, const ConfigNode& at) const {
    const auto parts = SplitPlaceholders(text);
    if (!parts.ok()) return At(at, parts.status());
    std::string filled;
    for (const TextPart& part : *parts) {
      if (!part.is_name) {
        filled += part.text;
        continue;
      }
      const auto found = parameters_.find(part.text);
      if (found == parameters_.end()) {
        return at.Error(absl::StrCat("`{", part.text, "}` is none of the parameters"));
      }
      filled += found->second;
    }
    return filled;
  }

  absl::StatusOr<const Asked*> Ask(const Data& data) {
    Question question = data.question;
    TM_ASSIGN_OR_RETURN(question.text, WithParameters(question.text, data.text_at));
    for (const auto& asked : asked_) {
      if (asked->question == question) return asked.get();
    }
    auto answer = ask_(question);
    if (!answer.ok()) return At(data.text_at, answer.status());
    if (asked_.empty()) document_.snapshot = answer->snapshot;
    if (!(answer->snapshot == document_.snapshot)) {
      return At(data.text_at, absl::AbortedError("answered at another snapshot than the first "
                                                 "question of the report; try again"));
    }
    document_.sources.push_back({.question = answer->canonical, .notes = {}});
    asked_.push_back(std::make_unique<Asked>(
        Asked{std::move(question), *std::move(answer), document_.sources.size()}));
    return asked_.back().get();
  }

  // The table of the answer that the template means.
  absl::StatusOr<AnswerRows> RowsOf(const Data& data, const Answer& answer,
                                    const std::string& table) const {
    AnswerRows rows(/*brief=*/true, data.NumbersIn(language_), /*for_people=*/true);
    for (const auto& [name, pages] : answer.tables) {
      if (!table.empty() && name != table) continue;
      for (const auto& page : pages) rows.AddPage(page);
      return rows;
    }
    return data.at.Get("table").Error(absl::StrCat(
        "`", table, "`; want one of ",
        absl::StrJoin(answer.tables, ", ",
                      [](std::string* out, const auto& one) { absl::StrAppend(out, one.first); })));
  }

  absl::Status TakeFigure(const Figure& figure) {
    TM_ASSIGN_OR_RETURN(const Asked* asked, Ask(figure.data));
    TM_ASSIGN_OR_RETURN(const AnswerRows rows,
                        RowsOf(figure.data, asked->answer, figure.data.table));
    TM_ASSIGN_OR_RETURN(ShownFigure shown, ShowFigure(figure, rows, language_));
    values_[figure.name] = {std::move(shown.text), asked->source};
    std::vector<std::string>& notes = document_.sources[asked->source - 1].notes;
    for (std::string& note : shown.notes) {
      if (std::find(notes.begin(), notes.end(), note) == notes.end()) {
        notes.push_back(std::move(note));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Line> LineOfText(const std::string& text, const ConfigNode& at) const {
    const auto parts = SplitPlaceholders(text);
    if (!parts.ok()) return At(at, parts.status());
    Line line;
    for (const TextPart& part : *parts) {
      if (!part.is_name) {
        line.push_back({part.text, 0});
        continue;
      }
      const auto found = values_.find(part.text);
      if (found == values_.end()) {
        std::vector<std::string> names;
        for (const auto& [known, unused] : values_) names.push_back(known);
        return at.Error(absl::StrCat("`{", part.text, "}` is no figure and no parameter",
                                     NearestHint(part.text, names)));
      }
      line.push_back(found->second);
    }
    return line;
  }

  absl::StatusOr<Line> LineOfWords(const Words& words) const {
    TM_ASSIGN_OR_RETURN(const std::string text, words.In(language_));
    return LineOfText(text, words.at);
  }

  // Blank lines are between paragraphs; other line ends are blanks, in Chinese nothing.
  absl::Status AddParagraphs(const Words& words, ShownSection* section) const {
    TM_ASSIGN_OR_RETURN(const std::string text, words.In(language_));
    std::vector<std::string> paragraphs(1);
    for (const std::string_view line : absl::StrSplit(text, '\n')) {
      const std::string_view stripped = absl::StripAsciiWhitespace(line);
      if (stripped.empty()) {
        if (!paragraphs.back().empty()) paragraphs.emplace_back();
        continue;
      }
      absl::StrAppend(&paragraphs.back(), paragraphs.back().empty() || language_ == "zh" ? "" : " ",
                      stripped);
    }
    for (const std::string& paragraph : paragraphs) {
      if (paragraph.empty()) continue;
      TM_ASSIGN_OR_RETURN(section->blocks.emplace_back().paragraph,
                          LineOfText(paragraph, words.at));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> DrawChart(const Exhibit& exhibit, const Answer& answer,
                                        const AnswerRows& rows, const SvgText& text) const {
    if (exhibit.data.question.kind == Question::kForecast && exhibit.chart == ChartType::kLine &&
        exhibit.data.table.empty()) {
      TM_ASSIGN_OR_RETURN(const AnswerRows history, RowsOf(exhibit.data, answer, "history"));
      return ForecastChart(history, rows, language_, text);
    }
    return ChartOf(exhibit, rows, language_, text);
  }

  // Whether PARTIAL and the like stand in a table.
  static bool ShowsFlags(const Exhibit& exhibit) {
    const auto& columns = exhibit.columns;
    return exhibit.show_table &&
           (columns.empty() || std::find(columns.begin(), columns.end(), "flags") != columns.end());
  }

  absl::StatusOr<ShownBlock> ShowExhibit(const Exhibit& exhibit) {
    TM_ASSIGN_OR_RETURN(const Asked* asked, Ask(exhibit.data));
    TM_ASSIGN_OR_RETURN(const AnswerRows rows,
                        RowsOf(exhibit.data, asked->answer, exhibit.data.table));
    ShownBlock shown;
    shown.source = asked->source;
    shown.notes = rows.notes();
    if (exhibit.caption) {
      TM_ASSIGN_OR_RETURN(shown.caption, LineOfWords(*exhibit.caption));
    } else {
      shown.caption = {{asked->answer.canonical, 0}};
    }
    if (exhibit.show_table) {
      TM_ASSIGN_OR_RETURN(shown.table, TableOf(exhibit, rows, language_));
    }
    if (!ShowsFlags(exhibit)) {
      for (std::string& line : FlagLines(rows)) shown.notes.push_back(std::move(line));
    }
    if (exhibit.chart != ChartType::kNone) {
      SvgText text{.id = absl::StrCat("chart-", ++charts_), .title = {}, .description = {}};
      for (const Span& span : shown.caption) text.title += span.text;
      auto drawn = DrawChart(exhibit, asked->answer, rows, text);
      if (!drawn.ok()) return At(exhibit.data.at.Get("chart"), drawn.status());
      shown.chart = *std::move(drawn);
    }
    return shown;
  }

  const Template& report_;
  const AskFunction& ask_;
  const std::string language_;
  std::map<std::string, std::string> parameters_;
  // What placeholders of texts stand for.
  std::map<std::string, Span> values_;
  // Their addresses stay.
  std::vector<std::unique_ptr<Asked>> asked_;
  size_t charts_ = 0;
  Document document_;
};

}  // namespace

absl::StatusOr<Document> LayOut(const Template& report, const LayoutOptions& options,
                                const AskFunction& ask) {
  return Layout(report, options, ask).Run(options.parameters);
}

}  // namespace tidemark::cli::report
