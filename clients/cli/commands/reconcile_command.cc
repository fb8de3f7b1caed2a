#include <CLI/CLI.hpp>
#include <memory>

#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "tidemark/analytics/v1/indicator.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Sets every published figure of an indicator beside what follows from other published figures or from events, and says why they differ.

Examples:
  tidemark reconcile online-retail-sales
  tidemark reconcile information-consumption --region cn-6301 'in 2013'
  tidemark reconcile online-retail-sales --series cn-online-retail-growth 'from 2020 to 2023' -o csv
)";

struct Flags {
  StatisticFlags common;
  std::string name;
  std::vector<std::string> series;
  std::vector<std::string> regions;
};

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  v1::ReconcileRequest request;
  TM_ASSIGN_OR_RETURN(const v1::Query query, ParseClauses(flags.common.clauses));
  if (query.dimensions_size() != 0 || query.limit() != 0 || query.filters_size() != 0 ||
      query.grain() != v1::GRAIN_UNSPECIFIED) {
    return UsageError(
        absl::InvalidArgumentError("want only from, to and in: figures have their own periods"));
  }
  if (query.has_range()) *request.mutable_range() = query.range();
  request.set_indicator(FullName("indicators", flags.name));
  for (const std::string& series : flags.series)
    request.add_series(FullName("observationSeries", series));
  for (const std::string& region : flags.regions) request.add_regions(FullName("regions", region));
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags.common));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags.common, request));
  return PrintStatistic(host, flags.common, {answer.Table("figures")}, answer.meta());
}

}  // namespace

void AddReconcileCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("reconcile", "Compare published figures with what follows from others");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "the indicator")->required();
  command->add_option("CLAUSES", flags->common.clauses,
                      "which periods, in clauses of the query language: from, to, in");
  const auto add = [command](const char* name, std::vector<std::string>* values, const char* help) {
    command->add_option(name, *values, help)->allow_extra_args(false);
  };
  add("--series", &flags->series, "only this series of it; may be repeated");
  add("--region", &flags->regions, "only this region or regionGroups/ID; may be repeated");
  AddStatisticFlags(command, &flags->common);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
