#include "clients/cli/chart/chart_from_answer.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/cli/chart/chart_text.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

// A row that the answer does not have.
constexpr char kNoRow[] = "NO_ROW";

std::string TextOf(const AnswerCell& cell) {
  return cell.text.shown ? *cell.text.shown : cell.text.value.value_or("");
}

ChartValue ValueOf(const AnswerCell& cell) {
  return {.number = cell.number, .shown = TextOf(cell), .reason = cell.reason};
}

struct Keys {
  // Position of the period; none: it is no key.
  std::optional<size_t> period;
  // Positions of the others.
  std::vector<size_t> others;
  // The period that all rows share; empty: none.
  std::string shared_period;

  size_t size() const { return others.size() + (period ? 1 : 0); }
};

Keys KeysOf(const AnswerRows& answer) {
  Keys keys;
  for (size_t i = 0; i < answer.columns().size(); ++i) {
    const AnswerColumn& column = answer.columns()[i];
    if (column.is_number || column.kind == v1::COLUMN_KIND_FLAGS ||
        column.kind == v1::COLUMN_KIND_STATUS) {
      continue;
    }
    if (column.kind == v1::COLUMN_KIND_PERIOD) {
      keys.period = i;
    } else {
      keys.others.push_back(i);
    }
  }
  if (!keys.period || keys.others.empty()) return keys;
  std::set<std::string> periods;
  for (const auto& row : answer.rows()) periods.insert(TextOf(row[*keys.period]));
  if (periods.size() == 1) {
    keys.shared_period = *periods.begin();
    keys.period.reset();
  }
  return keys;
}

absl::StatusOr<size_t> NumberColumn(const AnswerRows& answer, std::string_view name) {
  std::optional<size_t> chosen;
  std::string names;
  for (size_t i = 0; i < answer.columns().size(); ++i) {
    const AnswerColumn& column = answer.columns()[i];
    if (!column.is_number || column.kind == v1::COLUMN_KIND_COVERAGE) continue;
    if (column.name == name) return i;
    absl::StrAppend(&names, names.empty() ? "" : ", ", column.name);
    const bool measure = column.kind == v1::COLUMN_KIND_MEASURE;
    if (!chosen || (measure && answer.columns()[*chosen].kind != v1::COLUMN_KIND_MEASURE)) {
      chosen = i;
    }
  }
  if (name.empty() && chosen) return *chosen;
  return absl::InvalidArgumentError(
      chosen ? absl::StrCat("no column of numbers `", name, "`; want one of ", names)
             : "the answer has no numbers to draw");
}

std::string Joined(const AnswerRows& answer, const std::vector<AnswerCell>& row,
                   const std::vector<size_t>& columns) {
  std::string text;
  for (const size_t i : columns) {
    const char* separator = answer.columns()[i].name == "to" ? " → " : ", ";
    absl::StrAppend(&text, text.empty() ? "" : separator, TextOf(row[i]));
  }
  return text;
}

std::string NameOf(const AnswerColumn& column, const Keys& keys) {
  return keys.shared_period.empty() ? column.title
                                    : absl::StrCat(column.title, ", ", keys.shared_period);
}

// Of a text where it stands among those seen; it is added when it is new.
size_t Seen(const std::string& text, std::vector<std::string>* texts) {
  const auto found = std::find(texts->begin(), texts->end(), text);
  if (found != texts->end()) return found - texts->begin();
  texts->push_back(text);
  return texts->size() - 1;
}

std::vector<std::string> Periods(const AnswerRows& answer, size_t column) {
  std::set<std::string> periods;
  for (const auto& row : answer.rows()) periods.insert(TextOf(row[column]));
  return {periods.begin(), periods.end()};
}

}  // namespace

absl::StatusOr<BarData> BarsOf(const AnswerRows& answer, std::string_view column) {
  TM_ASSIGN_OR_RETURN(const size_t number, NumberColumn(answer, column));
  const Keys keys = KeysOf(answer);
  std::vector<size_t> columns = keys.others;
  if (keys.period) columns.insert(columns.begin(), *keys.period);
  const AnswerColumn& drawn = answer.columns()[number];
  BarData data{.name = NameOf(drawn, keys), .unit = drawn.shown_unit, .labels = {}, .values = {}};
  for (const auto& row : answer.rows()) {
    data.labels.push_back(columns.empty() ? drawn.title : Joined(answer, row, columns));
    data.values.push_back(ValueOf(row[number]));
  }
  return data;
}

absl::StatusOr<LineData> LinesOf(const AnswerRows& answer, std::string_view column) {
  TM_ASSIGN_OR_RETURN(const size_t number, NumberColumn(answer, column));
  Keys keys = KeysOf(answer);
  if (!keys.shared_period.empty()) {
    keys.period = answer.Find("period");
    keys.shared_period.clear();
  }
  if (!keys.period) {
    return absl::InvalidArgumentError(
        "a line goes over periods, and the answer has none: add one to `by`, such as month");
  }
  const AnswerColumn& drawn = answer.columns()[number];
  LineData data{.name = NameOf(drawn, keys),
                .unit = drawn.shown_unit,
                .labels = Periods(answer, *keys.period),
                .lines = {}};
  std::vector<std::string> names;
  for (const auto& row : answer.rows()) {
    const size_t line = Seen(Joined(answer, row, keys.others), &names);
    if (line == data.lines.size()) {
      data.lines.push_back(
          {names[line], std::vector<ChartValue>(data.labels.size(), ChartValue{.reason = kNoRow})});
    }
    const auto at =
        std::lower_bound(data.labels.begin(), data.labels.end(), TextOf(row[*keys.period])) -
        data.labels.begin();
    data.lines[line].values[at] = ValueOf(row[number]);
  }
  return data;
}

absl::StatusOr<HeatData> HeatOf(const AnswerRows& answer, std::string_view column) {
  TM_ASSIGN_OR_RETURN(const size_t number, NumberColumn(answer, column));
  const Keys keys = KeysOf(answer);
  if (keys.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a heat map has two keys, such as a period and a place, or from and to in one period; the "
        "rows of this answer have ",
        keys.size()));
  }
  const size_t down = keys.others[0];
  const size_t across = keys.period ? *keys.period : keys.others[1];
  const AnswerColumn& drawn = answer.columns()[number];
  HeatData data{.name = NameOf(drawn, keys), .unit = drawn.shown_unit};
  if (keys.period) data.columns = Periods(answer, across);
  for (const auto& row : answer.rows()) {
    Seen(TextOf(row[down]), &data.rows);
    if (!keys.period) Seen(TextOf(row[across]), &data.columns);
  }
  // What stands on both sides, as of flows, has the same order on both.
  std::vector<std::string> common;
  for (const std::string& row : data.rows) {
    if (std::erase(data.columns, row) > 0) common.push_back(row);
  }
  data.columns.insert(data.columns.begin(), common.begin(), common.end());
  data.cells.assign(data.rows.size(),
                    std::vector<ChartValue>(data.columns.size(), ChartValue{.reason = kNoRow}));
  for (const auto& row : answer.rows()) {
    data.cells[Seen(TextOf(row[down]), &data.rows)][Seen(TextOf(row[across]), &data.columns)] =
        ValueOf(row[number]);
  }
  return data;
}

absl::StatusOr<BandData> BandOf(const AnswerRows& history, const AnswerRows& forecast) {
  TM_ASSIGN_OR_RETURN(LineData line, LinesOf(history, ""));
  BandData band{.name = line.name, .unit = line.unit, .labels = std::move(line.labels)};
  if (!line.lines.empty()) band.history = std::move(line.lines[0].values);
  const auto period = forecast.Find("period");
  if (!period) return absl::InvalidArgumentError("the forecast has no periods");
  for (const auto& row : forecast.rows()) {
    BandData::Ahead& ahead = band.ahead.emplace_back();
    ahead.label = TextOf(row[*period]);
    for (const auto& [name, value] :
         std::initializer_list<std::pair<std::string_view, ChartValue*>>{
             {"point", &ahead.point},
             {"lower_80", &ahead.lower_80},
             {"upper_80", &ahead.upper_80},
             {"lower_95", &ahead.lower_95},
             {"upper_95", &ahead.upper_95}}) {
      TM_ASSIGN_OR_RETURN(const size_t at, NumberColumn(forecast, name));
      *value = ValueOf(row[at]);
    }
  }
  return band;
}

LineData LineOf(const BandData& band) {
  LineData line{.name = band.name, .unit = band.unit, .labels = band.labels, .lines = {{}}};
  line.lines[0].values = band.history;
  for (const BandData::Ahead& ahead : band.ahead) {
    line.labels.push_back(absl::StrCat(ahead.label, " (forecast)"));
    line.lines[0].values.push_back(ahead.point);
  }
  return line;
}

BarData BarsOf(const LineData& line) {
  BarData bars{.name = line.name, .unit = line.unit, .labels = line.labels, .values = {}};
  if (!line.lines.empty()) bars.values = line.lines[0].values;
  return bars;
}

std::vector<std::string> FlagLines(const AnswerRows& answer) {
  const auto flags = answer.Find("flags");
  if (!flags) return {};
  const Keys keys = KeysOf(answer);
  std::vector<size_t> columns = keys.others;
  if (keys.period) columns.insert(columns.begin(), *keys.period);
  // By flag, in order of their first row.
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> labels;
  for (const auto& row : answer.rows()) {
    for (const std::string_view flag :
         absl::StrSplit(TextOf(row[*flags]), ' ', absl::SkipEmpty())) {
      const size_t at = Seen(std::string(flag), &names);
      if (at == labels.size()) labels.emplace_back();
      labels[at].push_back(absl::StrJoin(
          columns, " × ", [&](std::string* out, size_t key) { out->append(TextOf(row[key])); }));
    }
  }
  std::vector<std::string> lines;
  for (size_t i = 0; i < names.size(); ++i) {
    lines.push_back(absl::StrCat(
        names[i], ": ", labels[i].size() == answer.rows().size() ? "all" : NamedOf(labels[i])));
  }
  return lines;
}

absl::StatusOr<ChartForm> SuitingForm(const AnswerRows& answer) {
  // More bars than this are hard to see at once.
  constexpr size_t kMostBars = 24;
  const Keys keys = KeysOf(answer);
  switch (keys.size()) {
    case 0:
      return ChartForm::kBars;
    case 1:
      return keys.period && answer.rows().size() > kMostBars ? ChartForm::kSparkline
                                                             : ChartForm::kBars;
    case 2:
      return ChartForm::kHeatMap;
    default:
      return absl::InvalidArgumentError(absl::StrCat(
          "the rows have ", keys.size(),
          " keys, and a chart shows at most two: leave one out of `by`, or ask for one period"));
  }
}

}  // namespace tidemark::cli
