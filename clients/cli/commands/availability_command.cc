#include <CLI/CLI.hpp>
#include <memory>

#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cli/commands/statistic_requests.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Tells which places have data in which periods: a table of places (first and last period with events, how many have some,
gaps between) and one of places by period. Without a place in `by` it is consumer_region, without a period it is month.

Examples:
  tidemark availability
  tidemark availability 'by quarter, provider_region@province where category = products'
  tidemark availability 'by year from 2020' --table cells -o csv
  tidemark availability 'by year' --chart heatmap
)";

absl::StatusOr<ExitCode> ShowAvailability(CommandHost& host, const StatisticFlags& flags) {
  TM_ASSIGN_OR_RETURN(v1::GetAvailabilityRequest request, MakeAvailabilityRequest(flags.clauses));
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags, request));
  return PrintStatistic(host, flags, {answer.Table("places"), answer.Table("cells")}, answer.meta(),
                        "cells");
}

}  // namespace

void AddAvailabilityCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("availability", "Show which places have data in which periods");
  command->footer(kExamples);
  auto flags = std::make_shared<StatisticFlags>();
  command->add_option("CLAUSES", flags->clauses, kClausesHelp);
  AddStatisticFlags(command, flags.get());
  AddChartFlags(command, &flags->chart);
  command->callback([&host, flags] {
    host.SetAction([&host, flags] { return ShowAvailability(host, *flags); });
  });
}

}  // namespace tidemark::cli
