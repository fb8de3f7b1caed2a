#include "clients/cli/report/report_chart.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/chart/chart_from_answer.h"
#include "clients/cli/report/report_words.h"
#include "common/status/status_macros.h"

namespace tidemark::cli::report {
namespace {

// How many values there are, and between which they lie.
class Summary {
 public:
  void Add(const std::string& label, const ChartValue& value) {
    if (!value.number) {
      ++gaps_;
      return;
    }
    ++count_;
    if (count_ == 1 || *value.number < low_) {
      low_ = *value.number;
      least_ = absl::StrCat(value.shown, " (", label, ")");
    }
    if (count_ == 1 || *value.number > high_) {
      high_ = *value.number;
      most_ = absl::StrCat(value.shown, " (", label, ")");
    }
  }

  std::string Text(const std::string& name, const std::string& unit,
                   const std::string& language) const {
    const ReportWords& words = WordsOf(language);
    std::string text = absl::StrCat(name, unit.empty() ? "" : absl::StrCat(" (", unit, ")"), ": ",
                                    count_, " ", words.values);
    if (count_ > 0) {
      absl::StrAppend(&text, ", ", words.from, " ", least_, " ", words.to, " ", most_);
    }
    if (gaps_ > 0) absl::StrAppend(&text, "; ", gaps_, " ", words.gaps);
    return text;
  }

 private:
  size_t count_ = 0;
  size_t gaps_ = 0;
  double low_ = 0;
  double high_ = 0;
  std::string least_;
  std::string most_;
};

}  // namespace

absl::StatusOr<std::string> ChartOf(const Exhibit& exhibit, const AnswerRows& answer,
                                    const std::string& language, SvgText text) {
  Summary summary;
  if (exhibit.chart == ChartType::kBars) {
    TM_ASSIGN_OR_RETURN(const BarData data, BarsOf(answer, exhibit.chart_column));
    for (size_t i = 0; i < data.values.size(); ++i) summary.Add(data.labels[i], data.values[i]);
    text.description = summary.Text(data.name, data.unit, language);
    return SvgBars(data, text);
  }
  if (exhibit.chart == ChartType::kHeatMap) {
    TM_ASSIGN_OR_RETURN(const HeatData data, HeatOf(answer, exhibit.chart_column));
    for (size_t r = 0; r < data.rows.size(); ++r) {
      for (size_t c = 0; c < data.columns.size(); ++c) {
        summary.Add(absl::StrCat(data.rows[r], ", ", data.columns[c]), data.cells[r][c]);
      }
    }
    text.description = summary.Text(data.name, data.unit, language);
    return SvgHeatMap(data, text);
  }
  TM_ASSIGN_OR_RETURN(const LineData data, LinesOf(answer, exhibit.chart_column));
  for (const LineData::Line& line : data.lines) {
    for (size_t i = 0; i < line.values.size(); ++i) {
      summary.Add(absl::StrCat(line.name, line.name.empty() ? "" : ", ", data.labels[i]),
                  line.values[i]);
    }
  }
  text.description = summary.Text(data.name, data.unit, language);
  return SvgLines(data, text);
}

absl::StatusOr<std::string> ForecastChart(const AnswerRows& history, const AnswerRows& forecast,
                                          const std::string& language, SvgText text) {
  TM_ASSIGN_OR_RETURN(const BandData data, BandOf(history, forecast));
  Summary summary;
  for (size_t i = 0; i < data.history.size(); ++i) summary.Add(data.labels[i], data.history[i]);
  for (const BandData::Ahead& ahead : data.ahead) summary.Add(ahead.label, ahead.point);
  text.description = summary.Text(data.name, data.unit, language);
  return SvgBand(data, text);
}

}  // namespace tidemark::cli::report
