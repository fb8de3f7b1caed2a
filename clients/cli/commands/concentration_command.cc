#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cli/commands/statistic_requests.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Shows whether few providers have much of the gross: how many holdings have some, the share of the largest, and the index of
Herfindahl and Hirschman (hhi), the sum of the squares of all shares: 1 is one provider, near 0 many small ones. Providers
of one holding are one.

Examples:
  tidemark concentration 'by year, category@1'
  tidemark concentration 'by consumer_region@province in 2024 where category = games order by hhi desc limit 10'
  tidemark concentration 'by month' -o csv --as-of 300000
)";

absl::StatusOr<ExitCode> Show(CommandHost& host, const StatisticFlags& flags) {
  TM_ASSIGN_OR_RETURN(v1::ConcentrationRequest request, MakeConcentrationRequest(flags.clauses));
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags, request));
  return PrintStatistic(host, flags, {answer.Table("cells")}, answer.meta());
}

}  // namespace

void AddConcentrationCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("concentration", "Show whether few providers have much of the gross");
  command->footer(kExamples);
  auto flags = std::make_shared<StatisticFlags>();
  command->add_option("CLAUSES", flags->clauses, absl::StrCat(kClausesHelp, ", order by"));
  AddStatisticFlags(command, flags.get());
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
