#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Shows where targets stand: the actual value of a period like the one that the goal is set for, how much of the way from the
baseline is done, what the path asks for, and the growth a year that is still needed. A year's goal is never compared with three
quarters: like_for_like sets those in proportion to their months.

Examples:
  tidemark targets xining-information-consumption-2015
  tidemark targets --parent cooperations/NAME --table progress
  tidemark targets --parent candidacies/xining-2013 --period 2014
  tidemark targets xining-information-consumption-2015 --period 2013-Q1..Q3 --table like_for_like -o csv
)";

struct Flags : StatisticFlags {
  std::vector<std::string> targets;
  std::string parent;
  std::string period;
};

absl::StatusOr<ExitCode> ShowTargets(CommandHost& host, const Flags& flags) {
  if (flags.targets.empty() == flags.parent.empty()) {
    return UsageError(absl::InvalidArgumentError(
        "want targets by name, or --parent to have all that belong to it"));
  }
  v1::TargetProgressRequest request;
  for (const std::string& target : flags.targets) request.add_targets(FullName("targets", target));
  request.set_parent(flags.parent);
  request.set_period(flags.period);
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags, request));
  return PrintStatistic(
      host, flags,
      {answer.Table("progress"), answer.Table("like_for_like"), answer.Table("qualitative")},
      answer.meta());
}

}  // namespace

void AddTargetsCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("targets", "Show where targets stand");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("TARGET", flags->targets, "targets, by name or id");
  command->add_option("--parent", flags->parent,
                      "all targets of this programme, candidacy, project, policy or cooperation");
  command->add_option("--period", flags->period,
                      "period whose actual values are judged, such as 2014 or 2013-Q1..Q3; "
                      "default: the last one like the goal's that has a value");
  AddStatisticFlags(command, flags.get());
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return ShowTargets(host, *flags); }); });
}

}  // namespace tidemark::cli
