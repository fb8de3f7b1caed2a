#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "tidemark/analytics/v1/indicator.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Computes an indicator by its formula, as the catalog at the snapshot defines it. --explain also shows every part of the formula with
its value and where that comes from. Without a period in `by` it is the indicator's own frequency; `in` one period is that one.

Examples:
  tidemark indicator information-consumption --region cn-3302 'by quarter from 2022 to 2023'
  tidemark indicator information-consumption --region cn-31 --region regionGroups/yangtze-delta 'in 2023-Q1 where channel = online'
  tidemark indicator information-consumption-to-gdp --region cn-3304 --explain 'by year from 2020 to 2023'
)";

struct Flags {
  StatisticFlags common;
  std::string name;
  std::vector<std::string> regions;
  bool explain = false;
};

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  v1::EvaluateIndicatorRequest request;
  TM_ASSIGN_OR_RETURN(const v1::Query query, ParseClauses(flags.common.clauses));
  if (query.dimensions_size() != 0 || query.limit() != 0) {
    return UsageError(absl::InvalidArgumentError(
        "want only a period in by, where, from, to and in; the places are those of --region"));
  }
  if (query.has_range()) *request.mutable_range() = query.range();
  request.set_grain(query.grain());
  const bool one_period = query.has_range() && query.range().first() == query.range().last();
  if (query.grain() == v1::GRAIN_UNSPECIFIED && one_period) request.set_grain(v1::GRAIN_ALL);
  *request.mutable_filters() = query.filters();
  request.set_indicator(FullName("indicators", flags.name));
  for (const std::string& region : flags.regions) request.add_regions(FullName("regions", region));
  request.set_explain(flags.explain);
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags.common));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags.common, request));
  std::vector<NamedTable> tables = {answer.Table("values")};
  if (flags.explain) tables.push_back(answer.Table("nodes"));
  if (host.output_format() == OutputFormat::kTable && flags.common.table.empty())
    host.terminal().out << request.indicator() << " = "
                        << answer.Rest<v1::EvaluateIndicatorResponse>().formula() << "\n\n";
  return PrintStatistic(host, flags.common, tables, answer.meta());
}

}  // namespace

void AddIndicatorCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("indicator", "Compute an indicator by its formula");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "the indicator")->required();
  command->add_option("CLAUSES", flags->common.clauses,
                      "periods and events, in clauses of the query language: by a period, where, "
                      "from, to, in");
  command
      ->add_option("--region", flags->regions,
                   "place that it is computed for, a region or regionGroups/ID; may be repeated")
      ->required()
      ->allow_extra_args(false);
  command->add_flag("--explain", flags->explain, "show every part of the formula");
  AddStatisticFlags(command, &flags->common);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
