#ifndef TIDEMARK_CLIENTS_CLI_TABLE_MONEY_UNIT_H_
#define TIDEMARK_CLIENTS_CLI_TABLE_MONEY_UNIT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::cli {

// In what multiple of the currency amounts are shown.
struct MoneyUnit {
  std::string_view word;
  // Amounts are divided by 10^power.
  int power = 0;
  // `100 million`, `亿`; empty for the currency itself.
  std::string_view english;
  std::string_view chinese;
};

inline constexpr char kMoneyUnitsHelp[] =
    "show money in yuan, wan, yi, thousand, million or billion (or 元, 万元, 亿元) of the currency";

// `yuan`, `wan`, `yi`, `thousand`, `million`, `billion`, or 元, 万元, 亿元, 千元, 百万元, 十亿元.
// INVALID_ARGUMENT lists them.
absl::StatusOr<MoneyUnit> ParseMoneyUnit(std::string_view text);

// Money as services name its unit: `CNY`, `10^8 CNY`.
struct Money {
  std::string_view currency;
  // Values are to be multiplied by 10^power.
  int power = 0;
};

// What a unit says, as long as `unit` stays; nothing for one that is no amount of money, such as
// `ratio`, `10^4 person` or `CNY per person`. ISO 4217 codes are three capitals, no other unit is.
std::optional<Money> MoneyOf(std::string_view unit);

// `100 million CNY`, `亿元` (`亿 GBP` of another currency than the yuan).
std::string UnitText(const MoneyUnit& unit, std::string_view currency, bool chinese);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_TABLE_MONEY_UNIT_H_
