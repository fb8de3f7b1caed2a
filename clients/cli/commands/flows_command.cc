#include <CLI/CLI.hpp>
#include <memory>

#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cli/commands/statistic_requests.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Shows from where consumers live to where consumption is served: of every pair of places the gross, and what share of all
that residents of the first consume it is. Other tables: places (outflow, inflow, net, self-sufficiency; with --to
place_of_use visitors), totals, and groups (integration: the share that other members of a region group serve).

Examples:
  tidemark flows --level province 'in 2024 order by gross desc limit 20'
  tidemark flows --level city --to place_of_use --table places 'by month where category = culture'
  tidemark flows --group yangtze-delta --table groups 'by year'
  tidemark flows --level city -o csv --as-of 300000
  tidemark flows 'in 2024' --level province --chart heatmap --amounts yi
)";

struct Flags {
  StatisticFlags common;
  std::string level;
  std::string to;
  std::vector<std::string> groups;
};

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(v1::FlowsRequest request, MakeFlowsRequest({flags.common.clauses, flags.level,
                                                                  flags.to, flags.groups}));
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags.common));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags.common, request));
  std::vector<NamedTable> tables = {answer.Table("flows"), answer.Table("places"),
                                    answer.Table("totals")};
  if (!flags.groups.empty()) tables.push_back(answer.Table("groups"));
  return PrintStatistic(host, flags.common, tables, answer.meta(), "flows");
}

}  // namespace

void AddFlowsCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("flows", "Show from where to where consumption flows");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("CLAUSES", flags->common.clauses, absl::StrCat(kClausesHelp, ", order by"));
  AddStatisticFlags(command, &flags->common);
  AddChartFlags(command, &flags->common.chart);
  command->add_option("--level", flags->level,
                      "level of both ends, such as province or city; default: codes as recorded");
  command->add_option("--to", flags->to, "where flows go to: seller, place_of_use; default: seller")
      ->check(CLI::IsMember({"seller", "place_of_use"}));
  command
      ->add_option("--group", flags->groups,
                   "id of the region group whose integration is asked for; may be repeated")
      ->allow_extra_args(false);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
