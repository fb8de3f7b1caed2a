#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cpp/query/parse.h"

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
)";

struct Flags : StatisticFlags {
  std::string query;
  uint32_t horizon = 0;
  uint32_t season = 0;
  uint32_t origins = 0;
  bool join = false;
};

absl::StatusOr<ExitCode> ShowForecast(CommandHost& host, const Flags& flags) {
  const auto query = query::ParseQuery(flags.query);
  if (!query.ok()) return UsageError(query.status());
  v1::Query rest = *query;
  rest.clear_measures();
  rest.clear_filters();
  rest.clear_range();
  rest.clear_grain();
  if (query->measures_size() != 1 || rest.ByteSizeLong() != 0) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("`", flags.query,
                     "`: want one measure, such as gross, and clauses by (a period only), where, "
                     "from, to and in")));
  }
  v1::ForecastRequest request;
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags));
  *request.mutable_measure() = query->measures(0);
  *request.mutable_filters() = query->filters();
  if (query->has_range()) *request.mutable_range() = query->range();
  request.set_grain(query->grain());
  request.set_horizon(flags.horizon);
  request.set_season(flags.season);
  request.set_join_january_february(flags.join);
  request.set_back_test_origins(flags.origins);
  TM_ASSIGN_OR_RETURN(const auto answer,
                      AskStatistic(host, flags, &v1::StatisticsService::Stub::Forecast, request));
  return PrintStatistic(host, flags,
                        {{"forecast", &answer.forecast()},
                         {"models", &answer.models()},
                         {"back_test", &answer.back_test()},
                         {"history", &answer.history()}},
                        answer.meta());
}

}  // namespace

void AddForecastCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("forecast", "Forecast a measure by exponential smoothing");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("QUERY", flags->query, "one measure, with clauses by, where, from, to and in")
      ->required();
  command->add_option("--horizon", flags->horizon,
                      "periods to forecast; default: two weeks, a quarter of weeks, a year, or "
                      "three years");
  command->add_option("--season", flags->season,
                      "periods of a season, 1: none; default: 7 days, 12 months, 4 quarters");
  command->add_flag("--join-january-february", flags->join, "take the two months as one period");
  command->add_option("--origins", flags->origins,
                      "periods that the back-test stands at; default 8");
  AddStatisticFlags(command, flags.get());
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return ShowForecast(host, *flags); }); });
}

}  // namespace tidemark::cli
