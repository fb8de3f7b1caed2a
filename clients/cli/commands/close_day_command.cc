#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/day_closing.h"
#include "clients/cli/commands/observatory_units.h"
#include "clients/cli/import/decimal.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] = R"(
Says that a source has sent everything of a day, and how much that is. `tidemark statement` shows the difference to
what was received. Closing a day again with the same totals changes nothing, with others it replaces them.

Examples:
  tidemark close-day shop 2024-03-05 --events 1204 --gross 88310.50 --refunds 912.00
  tidemark close-day shop 2024-03-06 --events 0
)";

constexpr absl::Duration kPatience = absl::Seconds(10);

struct CloseDayFlags {
  std::string source;
  std::string day;
  uint64_t events = 0;
  std::string gross = "0";
  std::string refunds = "0";
};

absl::StatusOr<int64_t> Amount(const char* flag, const std::string& text, int scale) {
  const auto number = importer::ParseDecimal(text, {});
  importer::Scaled scaled;
  if (number.has_value()) {
    scaled = importer::ToScale(*number, scale, importer::Rounding::kExact);
  }
  if (number.has_value() && scaled.result == importer::Scaled::Result::kOk && scaled.value >= 0) {
    return scaled.value;
  }
  return UsageError(absl::InvalidArgumentError(absl::StrCat(
      flag, ": `", text, "`, want a sum of at most ", scale, " decimals, such as 88310.50")));
}

absl::StatusOr<ExitCode> CloseDay(CommandHost& host, const CloseDayFlags& flags) {
  ingest::v1::ControlTotals totals;
  totals.set_source(IdOf("sources", flags.source));
  TM_ASSIGN_OR_RETURN(*totals.mutable_day(), ParseDay("DAY", flags.day));
  TM_ASSIGN_OR_RETURN(const importer::ObservatoryUnits units, ReadUnits(host, kPatience));
  TM_ASSIGN_OR_RETURN(const int64_t gross, Amount("--gross", flags.gross, units.scale));
  TM_ASSIGN_OR_RETURN(const int64_t refunds, Amount("--refunds", flags.refunds, units.scale));
  totals.set_events(flags.events);
  totals.set_gross(gross);
  totals.set_refunds(refunds);
  TM_ASSIGN_OR_RETURN(const DayClosing closing, CloseDays(host, {totals}, kPatience));
  if (!closing.refused.empty()) return absl::InvalidArgumentError(closing.refused.front());
  host.terminal().err << "closed " << flags.day << " of " << flags.source << std::endl;
  TellNotClosing(closing, host.terminal());
  return ExitCode::kOk;
}

}  // namespace

void AddCloseDayCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("close-day", "Close a day of a source with its totals");
  auto flags = std::make_shared<CloseDayFlags>();
  command->add_option("SOURCE", flags->source, "Id of the source")->required();
  command->add_option("DAY", flags->day, "Day in the observatory's zone, such as 2024-03-05")
      ->required();
  command->add_option("--events", flags->events, "Number of events of the day, all kinds")
      ->required();
  command->add_option("--gross", flags->gross, "Sum of the purchases' amounts")
      ->capture_default_str()
      ->type_name("SUM");
  command->add_option("--refunds", flags->refunds, "Sum of the refunds' amounts")
      ->capture_default_str()
      ->type_name("SUM");
  command->footer(kExamples);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return CloseDay(host, *flags); }); });
}

}  // namespace tidemark::cli
