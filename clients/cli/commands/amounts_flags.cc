#include "clients/cli/commands/amounts_flags.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/commands/answer_footer.h"
#include "clients/cli/table/money_unit.h"

namespace tidemark::cli {

void AddAmountsFlags(CLI::App* command, AmountsFlags* flags) {
  auto* unit = command->add_option("--amounts", flags->unit, kMoneyUnitsHelp)->type_name("UNIT");
  command
      ->add_option("--decimals", flags->decimals,
                   "digits of such amounts behind the point, a half away from zero; default: 2 "
                   "in tables, all in csv and json")
      ->check(CLI::Range(0, 12))
      ->needs(unit);
}

absl::StatusOr<NumberFormat> NumberFormatOf(CommandHost& host, const AmountsFlags& flags,
                                            const std::string& labels) {
  NumberFormat format;
  if (flags.unit.empty()) return format;
  const auto unit = ParseMoneyUnit(flags.unit);
  if (!unit.ok()) {
    return UsageError(
        absl::InvalidArgumentError(absl::StrCat("--amounts: ", unit.status().message())));
  }
  format.amounts = *unit;
  format.decimals = flags.decimals;
  const OutputFormat output = host.output_format();
  format.chinese = output == OutputFormat::kTable &&
                   (flags.unit != unit->word ||
                    absl::StartsWith(LabelLanguage(labels, host.terminal(), output), "zh"));
  return format;
}

}  // namespace tidemark::cli
