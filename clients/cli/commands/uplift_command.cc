#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Estimates by how much gross rose in some regions during an activity, against regions without it: difference in differences
of the logarithm of daily gross. Regions and earlier dates without the activity are tried as placebos; `p` is the share of
them with at least as large an effect, and the placebo range spans what they show. Look at trend_difference: where the
regions had drifted apart before, the comparison does not hold. Notes say so (PRE_TREND), and where there are few controls
(FEW_CONTROLS) or too few placebos for p to be small (P_FLOOR). Every region needs gross on every day (ZERO_DAYS).

Examples:
  tidemark uplift --treated cn-33 --during 2024-06-18,2024-06-20 --place consumer_region@province
  tidemark uplift 'where category != other' --treated cn-31 --during 2024-05-01,2024-05-05 --place consumer_region@province
  tidemark uplift --treated a,b --leave-out c,d --during 2024-06 --before 2024-04,2024-05 --holidays 2024-05-01,2024-04-04
  tidemark uplift --activity city-tour-2021-ningbo --during 2021-10-16,2021-10-17 --before 2021-10-08,2021-10-15 --place place_of_use@city --table effect
  tidemark uplift --treated a --controls b,c,d --during 2024-06-18 --table placebos -o csv
)";

struct Flags : StatisticFlags {
  std::string place;
  std::string activity;
  std::string during;
  std::string before;
  std::vector<std::string> treated;
  std::vector<std::string> controls;
  std::vector<std::string> left_out;
  std::vector<std::string> holidays;
  uint32_t placebo_dates = 0;
};

// `A` or `A,B`: from the start of A to the end of B.
absl::StatusOr<v1::PeriodRange> ParseRange(std::string_view flag, const std::string& text) {
  const std::vector<std::string> ends = absl::StrSplit(text, ',');
  if (ends.size() > 2 || ends.front().empty() || ends.back().empty()) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat(flag, ": `", text,
                     "`; want a period, or the first and the last with a comma, "
                     "such as 2024-06-18,2024-06-20")));
  }
  v1::PeriodRange range;
  range.set_first(ends.front());
  range.set_last(ends.back());
  return range;
}

absl::StatusOr<ExitCode> ShowUplift(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(const v1::Query query, ParseClauses(flags.clauses));
  v1::Query rest = query;
  rest.clear_filters();
  if (rest.ByteSizeLong() != 0) {
    return UsageError(absl::InvalidArgumentError(
        "want the clause `where` only; the days are --during and --before"));
  }
  v1::UpliftRequest request;
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags));
  *request.mutable_filters() = query.filters();
  const std::pair<std::string, std::string> place =
      absl::StrSplit(flags.place, absl::MaxSplits('@', 1));
  request.mutable_place()->set_name(place.first);
  request.mutable_place()->set_level(place.second);
  if (flags.treated.empty() && flags.activity.empty()) {
    return UsageError(absl::InvalidArgumentError("want --treated, or --activity"));
  }
  if (flags.during.empty() && flags.activity.empty()) {
    return UsageError(absl::InvalidArgumentError("want --during, or --activity"));
  }
  if (!flags.during.empty()) {
    TM_ASSIGN_OR_RETURN(*request.mutable_activity(), ParseRange("--during", flags.during));
  }
  request.set_held_activity(FullName("activities", flags.activity));
  if (!flags.before.empty()) {
    TM_ASSIGN_OR_RETURN(*request.mutable_before(), ParseRange("--before", flags.before));
  }
  request.mutable_treated()->Add(flags.treated.begin(), flags.treated.end());
  request.mutable_controls()->Add(flags.controls.begin(), flags.controls.end());
  request.mutable_left_out()->Add(flags.left_out.begin(), flags.left_out.end());
  request.mutable_public_holidays()->Add(flags.holidays.begin(), flags.holidays.end());
  request.set_placebo_dates(flags.placebo_dates);
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags, request));
  return PrintStatistic(host, flags,
                        {answer.Table("effect"), answer.Table("regions"), answer.Table("placebos"),
                         answer.Table("days")},
                        answer.meta());
}

}  // namespace

void AddUpliftCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("uplift", "Estimate by how much gross rose during an activity");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("CLAUSES", flags->clauses,
                      "which events: the clause `where` of the query language");
  command->add_option("--activity", flags->activity,
                      "activity of the catalog, whose regions and days are meant where no others "
                      "are named");
  command->add_option("--treated", flags->treated, "regions that had the activity")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--during", flags->during, "days of the activity: a period, or first,last");
  command->add_option("--before", flags->before,
                      "days compared with: a period, or first,last; default: the 28 days before");
  command->add_option(
      "--place", flags->place,
      "consumer_region, provider_region or place_of_use, with a level such as @city");
  command
      ->add_option("--controls", flags->controls,
                   "regions compared with; default: all others with gross on every day")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("--leave-out", flags->left_out, "regions that are neither, such as neighbours")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--holidays", flags->holidays, "public holidays, left out of the days before")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--placebo-dates", flags->placebo_dates,
                      "earlier dates tried as placebos, at most; default 10");
  AddStatisticFlags(command, flags.get());
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return ShowUplift(host, *flags); }); });
}

}  // namespace tidemark::cli
