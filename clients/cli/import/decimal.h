#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_DECIMAL_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_DECIMAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::importer {

// An exact decimal number: digits x 10^-scale. No binary fractions anywhere.
struct Decimal {
  __int128 digits = 0;
  int scale = 0;

  int sign() const { return digits > 0 ? 1 : digits < 0 ? -1 : 0; }
};

// How numbers are written in a file.
struct NumberFormat {
  // '.' or ','.
  char decimal_point = '.';
  // Between groups of digits, of which the last has three and the others two (as in India) or
  // three; 0: none. ' ' stands for every kind of blank.
  char thousands = 0;
  // Dropped from either end, besides blanks and the signs £ € $ ¥ ￥ ₹ 元.
  std::vector<std::string> strip;
};

// "-1,234.50", "(12.5)", "12.50-", "+3", "1e-05", "£ 9.99". Nothing for what is no number, has
// more than 30 digits, an exponent beyond ±30, or groups that are none of thousands, such as
// "12,34", which someone may have meant as 12.34.
std::optional<Decimal> ParseDecimal(std::string_view text, const NumberFormat& format);

// Nothing when the result does not fit.
std::optional<Decimal> Multiply(const Decimal& a, const Decimal& b);
std::optional<Decimal> Add(const Decimal& a, const Decimal& b);
// Negative, zero or positive as a < b, a = b, a > b.
int Compare(const Decimal& a, const Decimal& b);

enum class Rounding {
  // Digits beyond the scale must be zeros.
  kExact,
  kHalfEven,
  // Halves away from zero.
  kHalfUp,
};

struct Scaled {
  enum class Result { kOk, kNotExact, kOverflow };
  Result result = Result::kOk;
  int64_t value = 0;
};
// The number in units of 10^-scale.
Scaled ToScale(const Decimal& number, int scale, Rounding rounding);

// Plain digits without trailing zeros behind the point: "-12.5".
std::string DecimalText(const Decimal& number);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_DECIMAL_H_
