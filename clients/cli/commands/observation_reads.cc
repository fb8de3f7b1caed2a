#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/day_closing.h"
#include "clients/cli/commands/observations_commands.h"
#include "clients/cpp/catalog/enum_word.h"
#include "clients/cpp/catalog/period_text.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

namespace v1 = catalog::v1;

template <typename Enum>
std::string WordOf(Enum value) {
  return catalog_client::EnumWord(
      *google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value));
}

absl::Status SetPeriod(std::string_view flag, const std::string& text, type::v1::Period* period) {
  const auto parsed = catalog_client::ParsePeriod(text);
  if (!parsed) {
    return UsageError(absl::InvalidArgumentError(absl::StrCat(
        flag, ": `", text, "`, want a period such as 2024, 2024-Q1, 2024-03 or 2024-01..02")));
  }
  *period = *parsed;
  return absl::OkStatus();
}

absl::Status SetFilter(const ObservationReadFlags& flags, v1::ObservationFilter* filter) {
  for (const std::string& series : flags.series) {
    filter->add_series(FullName("observationSeries", series));
  }
  filter->set_indicator(FullName("indicators", flags.indicator));
  for (const std::string& region : flags.regions) filter->add_regions(FullName("regions", region));
  if (!flags.first.empty()) {
    TM_RETURN_IF_ERROR(SetPeriod("--from", flags.first, filter->mutable_first()));
  }
  if (!flags.last.empty()) {
    TM_RETURN_IF_ERROR(SetPeriod("--to", flags.last, filter->mutable_last()));
  }
  for (const std::string& text : flags.grains) {
    type::v1::PeriodGrain grain;
    if (!type::v1::PeriodGrain_Parse(absl::StrCat("PERIOD_GRAIN_", absl::AsciiStrToUpper(text)),
                                     &grain)) {
      return UsageError(absl::InvalidArgumentError(absl::StrCat(
          "--grain: `", text, "`, want day, week, month, quarter, half_year or year")));
    }
    filter->add_grains(grain);
  }
  if (flags.cumulative == "only") filter->set_cumulative(v1::CUMULATIVE_CELLS_ONLY);
  if (flags.cumulative == "exclude") filter->set_cumulative(v1::CUMULATIVE_CELLS_EXCLUDED);
  return absl::OkStatus();
}

absl::Status SetState(std::string_view flag, const std::string& day, uint64_t version,
                      v1::ObservationState* state) {
  state->set_version(version);
  if (day.empty()) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(*state->mutable_as_of(), ParseDay(flag, day));
  return absl::OkStatus();
}

// `10^8 CNY`, `PERCENT`, `COUNT per HUNDRED_PERSONS`.
std::string UnitText(const v1::Unit& unit) {
  std::string text = unit.power_of_ten() == 0 ? "" : absl::StrCat("10^", unit.power_of_ten(), " ");
  absl::StrAppend(&text, unit.currency().empty() ? WordOf(unit.kind()) : unit.currency());
  if (unit.per() != v1::UNIT_PER_UNSPECIFIED) absl::StrAppend(&text, " per ", WordOf(unit.per()));
  return text;
}

// As published; nothing where there is no number.
TextTable::Cell ValueOf(const v1::Observation& observation) {
  if (!observation.has_value()) return {};
  const std::string& value = observation.value().value();
  if (observation.divisor() > 1) {
    const std::string text = absl::StrCat(value, "/", observation.divisor());
    return {text, text};
  }
  return NumberCell(value);
}

std::string DayText(const type::v1::Date& day) {
  return absl::FormatCivilTime(absl::CivilDay(day.year(), day.month(), day.day()));
}

std::string PeriodOf(const v1::Observation& observation) {
  return catalog_client::PeriodText(observation.period()).value_or("");
}

std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }

// Marks other than "exact" and "normal", such as `PROVISIONAL ABOUT BREAK`.
std::string LabelsOf(const v1::Observation& observation) {
  std::vector<std::string> labels;
  if (observation.status() != v1::OBSERVATION_STATUS_NORMAL) {
    labels.push_back(WordOf(observation.status()));
  }
  if (observation.qualifier() != v1::QUALIFIER_EXACT) {
    labels.push_back(WordOf(observation.qualifier()));
  }
  if (observation.break_before()) labels.push_back("BREAK");
  std::string text;
  for (const std::string& label : labels) absl::StrAppend(&text, text.empty() ? "" : " ", label);
  return text;
}

}  // namespace

absl::Status SetTolerance(const std::string& text, v1::CompareObservationsRequest& request) {
  if (!text.empty()) request.mutable_relative_tolerance()->set_value(text);
  return absl::OkStatus();
}

TextTable NewDifferenceTable() {
  return TextTable({{"change"},
                    {"series"},
                    {"region"},
                    {"period"},
                    {"before", TextTable::kNumber},
                    {"after", TextTable::kNumber},
                    {"labels_before"},
                    {"labels_after"}});
}

void AddDifference(const v1::ObservationDifference& difference, TextTable& table) {
  const v1::Observation& shown = difference.has_after() ? difference.after() : difference.before();
  const std::string kind = absl::AsciiStrToLower(WordOf(difference.kind()));
  table.Add({{kind, {}},
             {IdOf(shown.series()), {}},
             {IdOf(shown.region()), {}},
             {PeriodOf(shown), {}},
             difference.has_before() ? ValueOf(difference.before()) : TextTable::Cell{},
             difference.has_after() ? ValueOf(difference.after()) : TextTable::Cell{},
             {difference.has_before() ? LabelsOf(difference.before()) : "", {}},
             {difference.has_after() ? LabelsOf(difference.after()) : "", {}}});
}

std::string CountsText(const v1::CompareObservationsResponse& answer) {
  return absl::StrCat(answer.added(), " added, ", answer.revised(), " revised, ",
                      answer.relabelled(), " relabelled, ", answer.removed(), " removed, ",
                      answer.unchanged(), " unchanged");
}

absl::StatusOr<ExitCode> ListObservations(CommandHost& host, const ObservationReadFlags& flags) {
  v1::ListObservationsRequest request;
  TM_RETURN_IF_ERROR(SetFilter(flags, request.mutable_filter()));
  TM_RETURN_IF_ERROR(SetState("--as-of", flags.as_of, flags.version, request.mutable_state()));
  request.set_every_vintage(flags.every_vintage);
  request.set_page_size(5000);
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TextTable table({{"series"},
                   {"region"},
                   {"period"},
                   {"value", TextTable::kNumber},
                   {"unit"},
                   {"labels"},
                   {"published"},
                   {"vintage"}});
  do {
    TM_ASSIGN_OR_RETURN(const auto page, client->ListObservations(request));
    for (const v1::Observation& observation : page.observations()) {
      table.Add({{IdOf(observation.series()), {}},
                 {IdOf(observation.region()), {}},
                 {PeriodOf(observation), {}},
                 ValueOf(observation),
                 {UnitText(observation.unit()), {}},
                 {LabelsOf(observation), {}},
                 {DayText(observation.source().published()), {}},
                 {IdOf(observation.vintage()), {}}});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  table.Print(host.output_format(), host.terminal().out);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> CompareObservations(CommandHost& host, const ObservationReadFlags& flags) {
  v1::CompareObservationsRequest request;
  TM_RETURN_IF_ERROR(SetFilter(flags, request.mutable_filter()));
  TM_RETURN_IF_ERROR(
      SetState("--before", flags.before_as_of, flags.before_version, request.mutable_before()));
  TM_RETURN_IF_ERROR(SetState("--after", flags.as_of, flags.version, request.mutable_state()));
  TM_RETURN_IF_ERROR(SetTolerance(flags.tolerance, request));
  request.set_page_size(5000);
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TextTable table = NewDifferenceTable();
  std::string counts;
  do {
    TM_ASSIGN_OR_RETURN(const auto page, client->CompareObservations(request));
    if (counts.empty()) counts = CountsText(page);
    for (const auto& difference : page.differences()) AddDifference(difference, table);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  table.Print(host.output_format(), host.terminal().out);
  host.terminal().err << counts << '\n';
  return ExitCode::kOk;
}

}  // namespace tidemark::cli
