#include "clients/cli/table/decimal_text.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::cli {
namespace {

// ±0.DIGITS × 10^point, the digits without zeros in front.
struct Parts {
  bool negative = false;
  std::string digits;
  int64_t point = 0;
};

Parts Split(std::string_view number) {
  Parts parts;
  if (!number.empty() && (number[0] == '-' || number[0] == '+')) {
    parts.negative = number[0] == '-';
    number.remove_prefix(1);
  }
  const size_t exponent_at = std::min(number.find_first_of("eE"), number.size());
  if (exponent_at < number.size()) {
    std::string_view exponent = number.substr(exponent_at + 1);
    if (!exponent.empty() && exponent[0] == '+') exponent.remove_prefix(1);
    (void)absl::SimpleAtoi(exponent, &parts.point);
  }
  const std::string_view mantissa = number.substr(0, exponent_at);
  const size_t whole = std::min(mantissa.find('.'), mantissa.size());
  parts.digits = mantissa.substr(0, whole);
  parts.point += static_cast<int64_t>(whole);
  if (whole < mantissa.size()) absl::StrAppend(&parts.digits, mantissa.substr(whole + 1));
  const size_t zeros = std::min(parts.digits.find_first_not_of('0'), parts.digits.size());
  parts.digits.erase(0, zeros);
  parts.point -= static_cast<int64_t>(zeros);
  return parts;
}

// `fraction` digits behind the point; there are no others.
std::string Join(const Parts& parts, int64_t fraction) {
  std::string digits = parts.digits;
  const int64_t behind = static_cast<int64_t>(digits.size()) - parts.point;
  if (fraction > behind) digits.append(fraction - behind, '0');
  if (static_cast<int64_t>(digits.size()) <= fraction) {
    digits.insert(0, fraction + 1 - digits.size(), '0');
  }
  const std::string whole = digits.substr(0, digits.size() - fraction);
  const bool zero = digits.find_first_not_of('0') == std::string::npos;
  return absl::StrCat(parts.negative && !zero ? "-" : "", whole, fraction > 0 ? "." : "",
                      digits.substr(whole.size()));
}

// Adds one to the last digit.
void Increment(Parts* parts) {
  for (size_t i = parts->digits.size(); i-- > 0;) {
    if (parts->digits[i] < '9') {
      ++parts->digits[i];
      return;
    }
    parts->digits[i] = '0';
  }
  parts->digits.insert(0, 1, '1');
  ++parts->point;
}

}  // namespace

std::string DecimalText(int64_t value, uint32_t decimals) {
  // Unsigned, so that the smallest integer has an absolute value.
  const uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : value;
  std::string digits = absl::StrCat(magnitude);
  if (decimals > 0) {
    if (digits.size() <= decimals) {
      digits = absl::StrCat(std::string(decimals + 1 - digits.size(), '0'), digits);
    }
    const size_t point = digits.size() - decimals;
    digits = absl::StrCat(digits.substr(0, point), ".", digits.substr(point));
  }
  return absl::StrCat(value < 0 ? "-" : "", digits);
}

std::string ExactDecimal(double value) {
  // No double has more digits behind the point.
  constexpr int kMostDigits = 1074;
  std::string text = absl::StrFormat("%.*f", kMostDigits, value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string ShiftedDecimal(std::string_view number, int power) {
  Parts parts = Split(number);
  const int64_t before = static_cast<int64_t>(parts.digits.size()) - parts.point;
  parts.point -= power;
  return Join(parts, std::max<int64_t>(0, before + power));
}

std::string RoundedDecimal(std::string_view number, int power, uint32_t decimals) {
  Parts parts = Split(number);
  parts.point -= power;
  const int64_t kept = parts.point + decimals;
  if (kept < static_cast<int64_t>(parts.digits.size())) {
    const bool up = kept >= 0 && parts.digits[kept] >= '5';
    parts.digits.resize(std::max<int64_t>(kept, 0));
    if (kept < 0) parts.point = -static_cast<int64_t>(decimals);
    if (up) Increment(&parts);
  }
  return Join(parts, decimals);
}

}  // namespace tidemark::cli
