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
Shows who consumes of several members of a dimension: of every pair a, b how many consumers each has, how many both;
confidence (both of a's), lift (above 1: together more often than by chance), jaccard (both of either's), and with --within
what share of a's consumers first consume of b within so many days. Other tables: members, totals.

Examples:
  tidemark co-consumption --of category@1 'in 2024 order by lift desc limit 20'
  tidemark co-consumption --of category@2 --goods-and-services --within 30
  tidemark co-consumption --of scenario 'by quarter where channel = online'
  tidemark co-consumption --of category_nature --table members -o csv
)";

struct Flags {
  StatisticFlags common;
  std::string of = "category";
  bool goods_and_services = false;
  uint32_t within = 0;
};

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(v1::CoConsumptionRequest request,
                      MakeCoConsumptionRequest({flags.common.clauses, flags.of,
                                                flags.goods_and_services, flags.within}));
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags.common));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags.common, request));
  return PrintStatistic(host, flags.common,
                        {answer.Table("pairs"), answer.Table("members"), answer.Table("totals")},
                        answer.meta());
}

}  // namespace

void AddCoConsumptionCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("co-consumption", "Show who consumes of several");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("CLAUSES", flags->common.clauses, absl::StrCat(kClausesHelp, ", order by"));
  AddStatisticFlags(command, &flags->common);
  command->add_option("--of", flags->of,
                      "dimension with a level, category@1, scenario, category_nature, ...; "
                      "default: category");
  command->add_flag("--goods-and-services", flags->goods_and_services,
                    "only pairs of a category of goods and one of services");
  command->add_option("--within", flags->within, "days of the sequence from a to b");
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
