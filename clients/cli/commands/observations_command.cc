#include <CLI/CLI.hpp>
#include <memory>

#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/observations_commands.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] = R"(
Official figures are kept as vintages: what one publication stated, changed or not. What stands is what the latest vintage
published by a day states. docs/observations-mapping.md explains mappings of publishers' files.

Examples:
  tidemark observations import gdp.csv --mapping gdp.yaml            show what changes, ask, apply
  tidemark observations import drsi.csv.gz --mapping drsi.yaml --vintage drsi-2026-05 --published 2026-05-22 --yes
  tidemark observations list --series gdp --region cn-33 --from 2015
  tidemark observations list --indicator gdp --as-of 2019-12-31 -o csv
  tidemark observations list --series gdp --region cn-33 --every-vintage
  tidemark observations compare --series gdp --before 2018-12-31 --tolerance 0.001
)";

// How series, regions and periods are chosen.
void AddFilterOptions(CLI::App& command, ObservationReadFlags& flags) {
  command.add_option("--series", flags.series, "observationSeries/ID or ID; may be repeated");
  command.add_option("--indicator", flags.indicator, "all series of this indicator instead");
  command.add_option(
      "--region", flags.regions,
      "regions/ID, regionGroups/ID or ID of a region; may be repeated; default: all");
  command.add_option("--from", flags.first, "first period, such as 2015 or 2024-Q1");
  command.add_option("--to", flags.last, "last period");
  command.add_option("--grain", flags.grains,
                     "day, week, month, quarter, half_year or year; may be repeated");
  command
      .add_option("--cumulative", flags.cumulative,
                  "cells of several periods, such as January to February")
      ->check(CLI::IsMember({"only", "exclude"}));
}

void AddImport(CLI::App& command, CommandHost& host) {
  CLI::App* sub =
      command.add_subcommand("import", "Read a publisher's file as a vintage and apply it");
  auto flags = std::make_shared<ObservationImportFlags>();
  sub->add_option("FILE", flags->input, "CSV file, also .gz; - for standard input")->required();
  sub->add_option("--mapping", flags->mapping, "mapping file (docs/observations-mapping.md)")
      ->required();
  sub->add_option("--vintage", flags->vintage, "id of the vintage, over the mapping's");
  sub->add_option("--published", flags->published, "day of publication, over the mapping's");
  sub->add_option("--tolerance", flags->tolerance,
                  "share of a number by which it may differ and count as unchanged, such as 0.001");
  sub->add_option("--show", flags->show, "cells shown of each vintage; default 20");
  sub->add_flag("--dry-run", flags->dry_run, "only show what would change");
  sub->add_flag("-y,--yes", flags->yes, "apply without asking");
  sub->callback([&host, flags] {
    host.SetAction([&host, flags] { return ImportObservations(host, *flags); });
  });
}

void AddList(CLI::App& command, CommandHost& host) {
  CLI::App* sub = command.add_subcommand("list", "List figures as they stand or stood");
  auto flags = std::make_shared<ObservationReadFlags>();
  AddFilterOptions(*sub, *flags);
  sub->add_option("--as-of", flags->as_of, "last day of publication that counts");
  sub->add_option("--version", flags->version, "catalog version; default: the newest");
  sub->add_flag("--every-vintage", flags->every_vintage, "what every vintage states of a cell");
  sub->callback([&host, flags] {
    host.SetAction([&host, flags] { return ListObservations(host, *flags); });
  });
}

void AddCompare(CLI::App& command, CommandHost& host) {
  CLI::App* sub = command.add_subcommand("compare", "List the figures that differ between states");
  auto flags = std::make_shared<ObservationReadFlags>();
  AddFilterOptions(*sub, *flags);
  sub->add_option("--before", flags->before_as_of, "day of publication of the state before");
  sub->add_option("--before-version", flags->before_version, "its catalog version");
  sub->add_option("--after", flags->as_of, "day of publication of the state after; default: all");
  sub->add_option("--after-version", flags->version, "its catalog version; default: the newest");
  sub->add_option("--tolerance", flags->tolerance,
                  "share of a number by which it may differ and count as unchanged, such as 0.001");
  sub->callback([&host, flags] {
    host.SetAction([&host, flags] { return CompareObservations(host, *flags); });
  });
}

}  // namespace

void AddObservationsCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("observations", "Import, list and compare official figures");
  command->footer(kExamples);
  command->require_subcommand(1);
  AddImport(*command, host);
  AddList(*command, host);
  AddCompare(*command, host);
}

}  // namespace tidemark::cli
