#ifndef TIDEMARK_CLIENTS_CLI_TABLE_DECIMAL_TEXT_H_
#define TIDEMARK_CLIENTS_CLI_TABLE_DECIMAL_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

// Decimal numbers as texts, `-12.34` or `1.2e+20`: divided by powers of ten and rounded without
// ever becoming a binary number.
namespace tidemark::cli {

// `-12.340` for (-12340, 3): exact.
std::string DecimalText(int64_t value, uint32_t decimals);

// All digits of the number that a double is; finite.
std::string ExactDecimal(double value);

// number ÷ 10^power, exact: `1234.5` by 2 is `12.345`. Zeros at the end of the fraction stay.
std::string ShiftedDecimal(std::string_view number, int power);

// number ÷ 10^power with `decimals` digits of fraction, rounded once; a half goes away from zero.
// What rounds to zero has no sign.
std::string RoundedDecimal(std::string_view number, int power, uint32_t decimals);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_TABLE_DECIMAL_TEXT_H_
