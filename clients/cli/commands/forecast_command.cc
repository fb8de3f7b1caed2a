#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cli/commands/statistic_requests.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Forecasts a measure by exponential smoothing: the model with the smallest AICc of all that the values allow, with the
intervals that 80 and 95 of 100 values lie in. Beside it stand the history, the other models, and how such forecasts and
the seasonal naive one did at the last periods (mase: below 1 is better than naive was in the history). Without a period
in `by` it is month. Estimates: no release may certify them.

Examples:
  tidemark forecast gross
  tidemark forecast 'gross by month where category = products from 2020-01' --horizon 6
  tidemark forecast 'gross by month' --join-january-february        one period, 2024-01..02, as China publishes
  tidemark forecast 'consumers by quarter' --table back_test -o csv
  tidemark forecast 'events by day' --season 1                      without a weekly season
  tidemark forecast gross --chart auto                              history, forecast and intervals, drawn
)";

struct Flags : StatisticFlags {
  ForecastQuestion question;
};

absl::StatusOr<ExitCode> ShowForecast(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(v1::ForecastRequest request, MakeForecastRequest(flags.question));
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags, request));
  if (!flags.chart.form.empty() && flags.table.empty()) {
    TM_ASSIGN_OR_RETURN(const NumberFormat numbers,
                        NumberFormatOf(host, flags.amounts, flags.labels));
    AnswerTable history(/*brief=*/true, numbers);
    AddPages(answer.Table("history"), &history);
    AnswerTable forecast(/*brief=*/true, numbers);
    AddPages(answer.Table("forecast"), &forecast);
    TM_RETURN_IF_ERROR(PrintForecastChart(host, flags.chart, history.rows(), forecast.rows()));
    PrintStatisticFooter(host, forecast, answer.meta());
    return ExitCode::kOk;
  }
  return PrintStatistic(host, flags,
                        {answer.Table("forecast"), answer.Table("models"),
                         answer.Table("back_test"), answer.Table("history")},
                        answer.meta());
}

}  // namespace

void AddForecastCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("forecast", "Forecast a measure by exponential smoothing");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command
      ->add_option("QUERY", flags->question.query,
                   "one measure, with clauses by, where, from, to and in")
      ->required();
  command->add_option("--horizon", flags->question.horizon,
                      "periods to forecast; default: two weeks, a quarter of weeks, a year, or "
                      "three years");
  command->add_option("--season", flags->question.season,
                      "periods of a season, 1: none; default: 7 days, 12 months, 4 quarters");
  command->add_flag("--join-january-february", flags->question.join_january_february,
                    "take the two months as one period");
  command->add_option("--origins", flags->question.origins,
                      "periods that the back-test stands at; default 8");
  AddStatisticFlags(command, flags.get());
  AddChartFlags(command, &flags->chart);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return ShowForecast(host, *flags); }); });
}

}  // namespace tidemark::cli
