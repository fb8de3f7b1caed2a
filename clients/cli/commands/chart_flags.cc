#include "clients/cli/commands/chart_flags.h"

#include <ostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/chart/chart_from_answer.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

absl::Status ChartError(const absl::Status& status) {
  return UsageError(absl::InvalidArgumentError(absl::StrCat("--chart: ", status.message())));
}

absl::StatusOr<std::string> Draw(const std::string& form, const std::string& column,
                                 const AnswerRows& answer, const ChartStyle& style) {
  ChartForm chosen = ChartForm::kBars;
  if (form == "auto") {
    TM_ASSIGN_OR_RETURN(chosen, SuitingForm(answer));
  } else if (form != "bars") {
    chosen = form == "heatmap" ? ChartForm::kHeatMap : ChartForm::kSparkline;
  }
  switch (chosen) {
    case ChartForm::kSparkline: {
      TM_ASSIGN_OR_RETURN(const LineData data, LinesOf(answer, column));
      return DrawSparklines(data, style);
    }
    case ChartForm::kHeatMap: {
      TM_ASSIGN_OR_RETURN(const HeatData data, HeatOf(answer, column));
      return DrawHeatMap(data, style);
    }
    default: {
      TM_ASSIGN_OR_RETURN(const BarData data, BarsOf(answer, column));
      return DrawBars(data, style);
    }
  }
}

// Below the chart, which cannot show them.
void PrintFlags(CommandHost& host, const AnswerRows& answer) {
  for (const std::string& line : FlagLines(answer)) host.terminal().out << line << "\n";
}

}  // namespace

void AddChartFlags(CLI::App* command, ChartFlags* flags) {
  auto* chart = command
                    ->add_option("--chart", flags->form,
                                 "draw the answer instead: bars, sparkline, heatmap, or auto")
                    ->check(CLI::IsMember({"bars", "sparkline", "heatmap", "auto"}))
                    ->type_name("FORM");
  command
      ->add_option("--chart-column", flags->column,
                   "column to draw; default: the first measure of the answer")
      ->needs(chart);
}

absl::Status CheckChart(CommandHost& host, const ChartFlags& flags) {
  if (flags.form.empty() || host.output_format() == OutputFormat::kTable) return absl::OkStatus();
  return UsageError(absl::InvalidArgumentError(
      "--chart: a chart is for people; leave it out, or -o csv and -o json"));
}

ChartStyle StyleOf(const Terminal& terminal) {
  ChartStyle style;
  size_t width = terminal.out_is_terminal ? terminal.columns() : 0;
  if (width == 0 && !absl::SimpleAtoi(terminal.environment("COLUMNS").value_or(""), &width)) {
    width = 0;
  }
  if (width > 0) style.width = width;
  style.colour = terminal.out_is_terminal &&
                 terminal.environment("NO_COLOR").value_or("").empty() &&
                 terminal.environment("TERM").value_or("") != "dumb";
  return style;
}

absl::Status PrintChart(CommandHost& host, const ChartFlags& flags, const AnswerRows& answer) {
  const auto text = Draw(flags.form, flags.column, answer, StyleOf(host.terminal()));
  if (!text.ok()) return ChartError(text.status());
  host.terminal().out << *text;
  PrintFlags(host, answer);
  return absl::OkStatus();
}

absl::Status PrintForecastChart(CommandHost& host, const ChartFlags& flags,
                                const AnswerRows& history, const AnswerRows& forecast) {
  if (flags.form == "heatmap" || !flags.column.empty()) {
    return ChartError(absl::InvalidArgumentError(
        "a forecast is drawn as bars, sparkline or auto, and always its points; for another table "
        "give --table"));
  }
  const ChartStyle style = StyleOf(host.terminal());
  const auto band = BandOf(history, forecast);
  if (!band.ok()) return ChartError(band.status());
  std::ostream& out = host.terminal().out;
  if (flags.form == "auto") {
    out << DrawBand(*band, style);
  } else if (flags.form == "bars") {
    out << DrawBars(BarsOf(LineOf(*band)), style);
  } else {
    out << DrawSparklines(LineOf(*band), style);
  }
  PrintFlags(host, history);
  return absl::OkStatus();
}

}  // namespace tidemark::cli
