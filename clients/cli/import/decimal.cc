#include "clients/cli/import/decimal.h"

#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "clients/cli/import/text_parts.h"

namespace tidemark::importer {
namespace {

constexpr int kMostDigits = 30;
constexpr int kMostExponent = 30;
constexpr std::string_view kSigns[] = {"£", "€", "$", "¥", "￥", "₹", "元", "R$"};
// No-break, narrow no-break, thin and ideographic space.
constexpr std::string_view kBlanks[] = {" ", "\t", "\u00a0", "\u202f", "\u2009", "\u3000"};
constexpr std::string_view kMinus = "\u2212";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The most common shapes, "12" and "2.55": at most 18 digits and one point.
bool ParsePlain(std::string_view text, char point, Decimal* number) {
  if (text.empty() || text.size() > 19) return false;
  const bool negative = text[0] == '-';
  size_t i = negative ? 1 : 0;
  int64_t digits = 0;
  size_t point_at = std::string_view::npos;
  size_t count = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (IsDigit(c)) {
      if (++count > 18) return false;
      digits = digits * 10 + (c - '0');
    } else if (c == point && point_at == std::string_view::npos) {
      point_at = i;
    } else {
      return false;
    }
  }
  if (count == 0) return false;
  number->digits = negative ? -digits : digits;
  number->scale =
      point_at == std::string_view::npos ? 0 : static_cast<int>(text.size() - point_at - 1);
  return true;
}

bool StripOne(std::string_view& text, std::string_view part) {
  return !part.empty() && (TakePrefix(text, part) || TakeSuffix(text, part));
}

// Drops blanks, currency signs, signs and brackets from both ends; true when that means minus.
bool StripEnds(std::string_view& text, const NumberFormat& format) {
  bool negative = false;
  bool changed = true;
  while (changed) {
    changed = false;
    for (const std::string_view blank : kBlanks) changed |= StripOne(text, blank);
    for (const std::string_view sign : kSigns) changed |= StripOne(text, sign);
    for (const std::string& part : format.strip) changed |= StripOne(text, part);
    if (!negative && (StripOne(text, "-") || StripOne(text, kMinus))) negative = changed = true;
    if (!negative && text.size() >= 2 && text.front() == '(' && text.back() == ')') {
      text = text.substr(1, text.size() - 2);
      negative = changed = true;
    }
  }
  if (!negative) TakePrefix(text, "+");
  return negative;
}

// Bytes of the thousands separator at the front of `text`; 0: none.
size_t SeparatorAt(std::string_view text, char thousands) {
  if (thousands == 0) return 0;
  if (thousands != ' ') return text[0] == thousands ? 1 : 0;
  for (const std::string_view blank : kBlanks) {
    if (absl::StartsWith(text, blank)) return blank.size();
  }
  return 0;
}

// Whether digits fall into groups as people write thousands. Told of the digits and separators
// before the point from left to right.
class Grouping {
 public:
  void Digit() { ++digits_; }
  // False: the group that ends here is none.
  bool Separator() {
    const bool fits = grouped_ ? digits_ == 2 || digits_ == 3 : digits_ >= 1 && digits_ <= 3;
    grouped_ = true;
    digits_ = 0;
    return fits;
  }
  bool Complete() const { return !grouped_ || digits_ == 3; }

 private:
  bool grouped_ = false;
  int digits_ = 0;
};

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

bool MultiplyChecked(__int128& value, __int128 factor) {
  return !__builtin_mul_overflow(value, factor, &value);
}

}  // namespace

std::optional<Decimal> ParseDecimal(std::string_view text, const NumberFormat& format) {
  Decimal number;
  if (ParsePlain(text, format.decimal_point, &number)) return number;
  const bool negative = StripEnds(text, format);
  int count = 0;
  int exponent = 0;
  bool any_digit = false;
  bool point = false;
  Grouping grouping;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (IsDigit(c)) {
      any_digit = true;
      if (number.digits != 0 || c != '0') ++count;
      if (count > kMostDigits) return std::nullopt;
      number.digits = number.digits * 10 + (c - '0');
      if (point) {
        ++number.scale;
      } else {
        grouping.Digit();
      }
      if (number.scale > 2 * kMostExponent) return std::nullopt;
      ++i;
    } else if (c == format.decimal_point && !point) {
      point = true;
      ++i;
    } else if ((c == 'e' || c == 'E') && any_digit) {
      if (!absl::SimpleAtoi(text.substr(i + 1), &exponent)) return std::nullopt;
      break;
    } else {
      const size_t separator =
          point || !any_digit ? 0 : SeparatorAt(text.substr(i), format.thousands);
      if (separator == 0 || !grouping.Separator()) return std::nullopt;
      i += separator;
    }
  }
  if (!grouping.Complete()) return std::nullopt;
  if (!any_digit || exponent > kMostExponent || exponent < -kMostExponent) return std::nullopt;
  if (negative) number.digits = -number.digits;
  number.scale -= exponent;
  if (number.scale < 0) {
    if (!MultiplyChecked(number.digits, PowerOfTen(-number.scale))) return std::nullopt;
    number.scale = 0;
  }
  return number;
}

std::optional<Decimal> Multiply(const Decimal& a, const Decimal& b) {
  Decimal product{.digits = a.digits, .scale = a.scale + b.scale};
  if (!MultiplyChecked(product.digits, b.digits)) return std::nullopt;
  return product;
}

std::optional<Decimal> Add(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale, b.scale);
  if (scale - std::min(a.scale, b.scale) > kMostExponent) return std::nullopt;
  __int128 x = a.digits, y = b.digits, sum = 0;
  if (!MultiplyChecked(x, PowerOfTen(scale - a.scale)) ||
      !MultiplyChecked(y, PowerOfTen(scale - b.scale)) || __builtin_add_overflow(x, y, &sum)) {
    return std::nullopt;
  }
  return Decimal{.digits = sum, .scale = scale};
}

int Compare(const Decimal& a, const Decimal& b) {
  if (a.scale > b.scale) return -Compare(b, a);
  __int128 whole = b.digits, rest = 0;
  if (const int drop = b.scale - a.scale; drop > 0) {
    // In units of a, cut towards zero, and what is cut off. No number has a unit of 10^39.
    const __int128 unit = drop > 38 ? 0 : PowerOfTen(drop);
    whole = drop > 38 ? 0 : b.digits / unit;
    rest = drop > 38 ? b.digits : b.digits % unit;
  }
  if (a.digits != whole) return a.digits < whole ? -1 : 1;
  return rest > 0 ? -1 : rest < 0 ? 1 : 0;
}

Scaled ToScale(const Decimal& number, int scale, Rounding rounding) {
  __int128 value = number.digits;
  if (number.scale <= scale) {
    if (!MultiplyChecked(value, PowerOfTen(std::min(scale - number.scale, kMostExponent)))) {
      return {.result = Scaled::Result::kOverflow};
    }
  } else {
    const int drop = number.scale - scale;
    // 10^38 is the largest power that fits; no number is half of the next one, so that of more
    // places nothing is left.
    const __int128 unit = PowerOfTen(std::min(drop, 38));
    const __int128 rest = drop > 38 ? (value == 0 ? 0 : 1) : value % unit;
    value = drop > 38 ? 0 : value / unit;
    if (rest != 0) {
      if (rounding == Rounding::kExact) return {.result = Scaled::Result::kNotExact};
      const __int128 magnitude = rest < 0 ? -rest : rest;
      const __int128 to_half = unit / 2;
      const bool up = magnitude > to_half ||
                      (magnitude == to_half && (rounding == Rounding::kHalfUp || value % 2 != 0));
      if (up) value += number.digits < 0 ? -1 : 1;
    }
  }
  if (value > std::numeric_limits<int64_t>::max() || value < std::numeric_limits<int64_t>::min()) {
    return {.result = Scaled::Result::kOverflow};
  }
  return {.value = static_cast<int64_t>(value)};
}

std::string DecimalText(const Decimal& number) {
  const bool negative = number.digits < 0;
  __int128 digits = negative ? -number.digits : number.digits;
  int scale = number.scale;
  while (scale > 0 && digits % 10 == 0) {
    digits /= 10;
    --scale;
  }
  std::string text;
  do {
    text.push_back(static_cast<char>('0' + static_cast<int>(digits % 10)));
    digits /= 10;
    if (scale > 0 && --scale == 0) text.push_back('.');
  } while (digits != 0 || scale > 0);
  if (text.back() == '.') text.push_back('0');
  if (negative) text.push_back('-');
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace tidemark::importer
