#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cli/import/csv_reader.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Shows how unequal groups of the population consume: value per head and participation of each, Gini's and Theil's index between
them, and named pairs such as the rural elderly against urban adults. Who consumes nothing leaves no event, so the population of
each group has to be known. With --by it is taken from the official figures of the catalog; else POPULATION, a CSV file, states
it. Its header names the dimensions (age_band, area_type, income_band, consumer_region with or without @LEVEL) and at last
`population`:

  age_band,area_type,population
  60+,rural,121000000
  18-59,urban,577000000

Examples:
  tidemark divide --by 'age_band, area_type' 'in 2024'
  tidemark divide --by consumer_region@city --population registered,year-end 'by year'
  tidemark divide people.csv --source '人口普查 2020' 'in 2024'
  tidemark divide people.csv --source census --pair 'digital gap: 60+, rural / 18-59, urban' --table pairs 'by quarter'
  tidemark divide people.csv --source census --apart-by area_type --table indices 'by year where category = games'
)";

struct Flags {
  StatisticFlags common;
  // With `by` the clauses.
  std::string file;
  std::string by;
  std::string population;
  std::string source;
  std::string apart_by;
  std::vector<std::string> pairs;
};

absl::Status InFile(const std::string& file, uint64_t line, std::string_view what) {
  return UsageError(absl::InvalidArgumentError(
      line == 0 ? absl::StrCat(file, ": ", what) : absl::StrCat(file, ":", line, ": ", what)));
}

absl::Status ReadPopulations(const std::string& file, v1::DivideRequest* request) {
  TM_ASSIGN_OR_RETURN(auto bytes, importer::OpenFile(file));
  auto opened = importer::CsvReader::Create(std::move(bytes), {});
  if (!opened.ok()) return InFile(file, 0, opened.status().message());
  importer::CsvReader& reader = **opened;
  const std::vector<std::string>& columns = reader.columns();
  if (columns.size() < 2 || columns.back() != "population")
    return InFile(file, 0, "want columns for dimensions and at last `population`");
  for (size_t i = 0; i + 1 < columns.size(); ++i) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(columns[i], absl::MaxSplits('@', 1));
    v1::Dimension& dimension = *request->add_dimensions();
    dimension.set_name(parts.first);
    dimension.set_level(parts.second);
  }
  while (true) {
    TM_ASSIGN_OR_RETURN(const importer::Row* const row, reader.Next());
    if (row == nullptr) return absl::OkStatus();
    if (!row->damage.empty()) return InFile(file, row->line, row->damage);
    v1::GroupPopulation& group = *request->add_populations();
    for (size_t i = 0; i + 1 < columns.size(); ++i) group.add_codes(std::string(row->fields[i]));
    uint64_t population = 0;
    if (!absl::SimpleAtoi(row->fields[columns.size() - 1], &population))
      return InFile(file, row->line, "population: want a whole number");
    group.set_population(population);
  }
}

// `NAME: CODE, CODE / CODE, CODE`.
absl::Status AddPair(const std::string& text, v1::DivideRequest* request) {
  const std::vector<std::string> named = absl::StrSplit(text, absl::MaxSplits(':', 1));
  const std::vector<std::string> groups = absl::StrSplit(named.back(), absl::MaxSplits('/', 1));
  if (named.size() != 2 || groups.size() != 2) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--pair: `", text, "`; want NAME: CODE, ... / CODE, ...")));
  }
  v1::DividePair& pair = *request->add_pairs();
  pair.set_name(std::string(absl::StripAsciiWhitespace(named[0])));
  for (const std::string_view code : absl::StrSplit(groups[0], ','))
    pair.add_of(std::string(absl::StripAsciiWhitespace(code)));
  for (const std::string_view code : absl::StrSplit(groups[1], ','))
    pair.add_to(std::string(absl::StripAsciiWhitespace(code)));
  return absl::OkStatus();
}

// `registered,year-end`; what is left out is `resident` and `mid-year`.
absl::Status SetPopulation(const std::string& text, v1::DivideRequest* request) {
  catalog::v1::PopulationBasis& basis = *request->mutable_population_basis();
  for (const std::string_view part : absl::StrSplit(text, ',')) {
    const std::string word = absl::StrReplaceAll(absl::StripAsciiWhitespace(part), {{"-", "_"}});
    if (word == "resident" || word == "registered") {
      basis.set_kind(word == "resident" ? catalog::v1::POPULATION_KIND_RESIDENT
                                        : catalog::v1::POPULATION_KIND_REGISTERED);
    } else if (word == "mid_year" || word == "year_end") {
      basis.set_time(word == "mid_year" ? catalog::v1::POPULATION_TIME_MID_YEAR
                                        : catalog::v1::POPULATION_TIME_YEAR_END);
    } else {
      return UsageError(absl::InvalidArgumentError(
          absl::StrCat("--population: `", part,
                       "`; want resident or registered, and mid-year or year-end, such as "
                       "registered,year-end")));
    }
  }
  return absl::OkStatus();
}

// Dimensions and populations: of the catalog with --by, else of the file.
absl::Status SetGroups(const Flags& flags, v1::DivideRequest* request) {
  if (flags.by.empty()) {
    if (flags.file.empty() || flags.source.empty() || !flags.population.empty()) {
      return UsageError(absl::InvalidArgumentError(
          "want POPULATION with --source, or --by 'DIMENSION, ...' for populations of the catalog, "
          "which --population chooses"));
    }
    request->set_population_source(flags.source);
    return ReadPopulations(flags.file, request);
  }
  if (!flags.common.clauses.empty() || !flags.source.empty()) {
    return UsageError(absl::InvalidArgumentError(
        "--by takes the populations of the catalog: leave out POPULATION and --source"));
  }
  TM_ASSIGN_OR_RETURN(const v1::Query groups, ParseClauses(absl::StrCat("by ", flags.by)));
  if (groups.has_range() || groups.filters_size() != 0 || groups.limit() != 0 ||
      groups.grain() != v1::GRAIN_UNSPECIFIED) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--by: `", flags.by, "`; want dimensions only, such as age_band, area_type")));
  }
  *request->mutable_dimensions() = groups.dimensions();
  return flags.population.empty() ? absl::OkStatus() : SetPopulation(flags.population, request);
}

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  v1::DivideRequest request;
  TM_RETURN_IF_ERROR(SetGroups(flags, &request));
  TM_ASSIGN_OR_RETURN(const v1::Query query,
                      ParseClauses(flags.by.empty() ? flags.common.clauses : flags.file));
  if (query.dimensions_size() != 0 || query.limit() != 0) {
    return UsageError(absl::InvalidArgumentError(
        "want only a period in by, where, from, to and in; the dimensions are those of the file or "
        "of --by"));
  }
  if (query.has_range()) *request.mutable_range() = query.range();
  request.set_grain(query.grain());
  *request.mutable_filters() = query.filters();
  for (const std::string& pair : flags.pairs) TM_RETURN_IF_ERROR(AddPair(pair, &request));
  request.set_decompose_by(flags.apart_by);
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags.common));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags.common, request));
  return PrintStatistic(host, flags.common,
                        {answer.Table("groups"), answer.Table("indices"), answer.Table("pairs")},
                        answer.meta());
}

}  // namespace

void AddDivideCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("divide", "Show how unequal groups of people consume");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("POPULATION", flags->file,
                      "CSV file with the population of every group; with --by there is none, and "
                      "CLAUSES stands in its place");
  command->add_option("CLAUSES", flags->common.clauses,
                      "which events, in clauses of the query language: by a period, where, from, "
                      "to, in");
  AddStatisticFlags(command, &flags->common);
  command->add_option("--by", flags->by,
                      "dimensions that make the groups, whose populations the catalog states");
  command->add_option("--population", flags->population,
                      "with --by, which people: resident or registered, mid-year or year-end; "
                      "without it resident,mid-year");
  command->add_option("--source", flags->source, "where the populations of the file come from");
  command
      ->add_option("--pair", flags->pairs,
                   "groups to compare, NAME: CODE, ... / CODE, ...; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--apart-by", flags->apart_by,
                      "dimension by whose codes Theil's index is taken apart");
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
