#include "services/analytics/query/ratios.h"

#include "common/base/exact_math.h"

namespace tidemark::analytics {
namespace {

// Why nothing is compared with a base of that sign.
NullReason WhyNoBase(int sign) {
  if (sign == 0) return NullReason::kZeroBase;
  return sign < 0 ? NullReason::kNegativeBase : NullReason::kNone;
}

ExactNumber OverBase(const base::Rational& part, const base::Rational& base) {
  const NullReason null = WhyNoBase(base.Sign());
  if (null != NullReason::kNone) return {{}, null};
  return {part / base};
}

}  // namespace

Number Quotient(__int128 part, __int128 whole, NullReason when_zero) {
  if (whole == 0) return {0, when_zero};
  return {static_cast<double>(part) / static_cast<double>(whole)};
}

Number Concentration(std::span<const __int128> parts) {
  base::Rational whole, squares;
  for (const __int128 part : parts) {
    const base::Rational exact(part);
    whole += exact;
    squares += exact * exact;
  }
  if (whole.Sign() == 0) return {0, NullReason::kZeroDenominator};
  return {(squares / (whole * whole)).ToDouble()};
}

Number QuotientOfQuotients(__int128 a, __int128 b, __int128 c, __int128 d, NullReason when_zero) {
  if (b == 0 || c == 0 || d == 0) return {0, when_zero};
  return {(static_cast<double>(a) / static_cast<double>(b)) /
          (static_cast<double>(c) / static_cast<double>(d))};
}

Number Points(__int128 change, __int128 base) {
  if (base == 0) return {0, NullReason::kZeroBase};
  if (base < 0) return {0, NullReason::kNegativeBase};
  return {static_cast<double>(change * 100) / static_cast<double>(base)};
}

Number IndexNumber(int64_t value, int64_t base) {
  if (base == 0) return {0, NullReason::kZeroBase};
  if (base < 0) return {0, NullReason::kNegativeBase};
  return {static_cast<double>(static_cast<__int128>(value) * 100) / static_cast<double>(base)};
}

Number IndexNumber(double value, double base) {
  if (base == 0) return {0, NullReason::kZeroBase};
  if (base < 0) return {0, NullReason::kNegativeBase};
  return {value * 100 / base};
}

Number AnnualGrowth(int64_t value, int64_t base, uint32_t years) {
  return AnnualGrowth(static_cast<double>(value), static_cast<double>(base), years);
}

Number AnnualGrowth(double value, double base, uint32_t years) {
  if (base <= 0 || value < 0) return {0, NullReason::kNotPositive};
  return {base::RootOfQuotient(value, base, years) - 1};
}

Number MoneyAverage(int64_t money, int64_t count, int scale) {
  if (count == 0) return {0, NullReason::kNoData};
  __int128 divisor = count;
  for (int i = 0; i < scale; ++i) divisor *= 10;
  return {static_cast<double>(money) / static_cast<double>(divisor)};
}

Number Growth(int64_t value, int64_t base) {
  if (base == 0) return {0, NullReason::kZeroBase};
  if (base < 0) return {0, NullReason::kNegativeBase};
  const __int128 difference = static_cast<__int128>(value) - base;
  return {static_cast<double>(difference) / static_cast<double>(base)};
}

Number Growth(double value, double base) {
  if (base == 0) return {0, NullReason::kZeroBase};
  if (base < 0) return {0, NullReason::kNegativeBase};
  return {(value - base) / base};
}

ExactNumber Quotient(const base::Rational& part, const base::Rational& whole,
                     NullReason when_zero) {
  if (whole.Sign() == 0) return {{}, when_zero};
  return {part / whole};
}

ExactNumber Growth(const base::Rational& value, const base::Rational& base) {
  return OverBase(value - base, base);
}

ExactNumber Points(const base::Rational& change, const base::Rational& base) {
  return OverBase(change * 100, base);
}

ExactNumber IndexNumber(const base::Rational& value, const base::Rational& base) {
  return OverBase(value * 100, base);
}

Number AnnualGrowth(const base::Rational& value, const base::Rational& base, uint32_t years) {
  if (base.Sign() <= 0 || value.Sign() < 0) return {0, NullReason::kNotPositive};
  return {(value / base).Root(years) - 1};
}

double PercentagePoints(double value, double base) { return (value - base) * 100; }

}  // namespace tidemark::analytics
