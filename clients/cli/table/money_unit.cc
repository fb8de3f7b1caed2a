#include "clients/cli/table/money_unit.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tidemark::cli {
namespace {

constexpr MoneyUnit kUnits[] = {
    {"yuan", 0, "", ""},
    {"wan", 4, "10 thousand", "万"},
    {"yi", 8, "100 million", "亿"},
    {"thousand", 3, "thousand", "千"},
    {"million", 6, "million", "百万"},
    {"billion", 9, "billion", "十亿"},
};

}  // namespace

absl::StatusOr<MoneyUnit> ParseMoneyUnit(std::string_view text) {
  for (const MoneyUnit& unit : kUnits) {
    if (text == unit.word || text == absl::StrCat(unit.chinese, "元")) return unit;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "`", text,
      "`, want yuan, wan, yi, thousand, million, billion, 元, 万元, 亿元, 千元, 百万元 or 十亿元"));
}

std::optional<Money> MoneyOf(std::string_view unit) {
  Money money{.currency = unit};
  const size_t blank = unit.find(' ');
  if (blank != std::string_view::npos) {
    constexpr std::string_view kPowerOfTen = "10^";
    const std::string_view factor = unit.substr(0, blank);
    if (!factor.starts_with(kPowerOfTen) ||
        !absl::SimpleAtoi(factor.substr(kPowerOfTen.size()), &money.power)) {
      return std::nullopt;
    }
    money.currency = unit.substr(blank + 1);
  }
  const bool is_code = money.currency.size() == 3 &&
                       std::all_of(money.currency.begin(), money.currency.end(), [](char c) {
                         return absl::ascii_isupper(static_cast<unsigned char>(c));
                       });
  return is_code ? std::optional(money) : std::nullopt;
}

std::string UnitText(const MoneyUnit& unit, std::string_view currency, bool chinese) {
  if (chinese && currency == "CNY") return absl::StrCat(unit.chinese, "元");
  const std::string_view multiple = chinese ? unit.chinese : unit.english;
  return absl::StrCat(multiple, multiple.empty() ? "" : " ", currency);
}

}  // namespace tidemark::cli
