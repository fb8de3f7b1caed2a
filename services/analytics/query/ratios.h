#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_RATIOS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_RATIOS_H_

#include <cstdint>
#include <span>

#include "common/base/rational.h"
#include "services/analytics/query/table.h"

// Every quotient of the statistics, in one place: IEEE doubles, each operation rounded once, in the
// order written here, so that all replicas get the same bits (-ffp-contract=off).
namespace tidemark::analytics {

// A value that may be null; 0 then.
struct Number {
  double value = 0;
  NullReason null = NullReason::kNone;
  friend bool operator==(const Number&, const Number&) = default;
};

// part ÷ whole.
Number Quotient(__int128 part, __int128 whole, NullReason when_zero);

// Σ(part ÷ Σ parts)², the Herfindahl–Hirschman index, rounded once; ZERO_DENOMINATOR. Parts are not
// below 0.
Number Concentration(std::span<const __int128> parts);

// (a ÷ b) ÷ (c ÷ d); null when b, c or d is 0.
Number QuotientOfQuotients(__int128 a, __int128 b, __int128 c, __int128 d, NullReason when_zero);

// change · 100 ÷ base, in percentage points; ZERO_BASE and NEGATIVE_BASE.
Number Points(__int128 change, __int128 base);

// value · 100 ÷ base; ZERO_BASE and NEGATIVE_BASE.
Number IndexNumber(int64_t value, int64_t base);
Number IndexNumber(double value, double base);

// (value ÷ base)^(1/years) − 1. NOT_POSITIVE: the base is not above 0, or the value is below 0.
Number AnnualGrowth(int64_t value, int64_t base, uint32_t years);
Number AnnualGrowth(double value, double base, uint32_t years);

// money ÷ (count · 10^scale): an average in whole units of the currency. NO_DATA when count is 0.
Number MoneyAverage(int64_t money, int64_t count, int scale);

// (value − base) ÷ base; ZERO_BASE and NEGATIVE_BASE.
Number Growth(int64_t value, int64_t base);
Number Growth(double value, double base);

// (value − base) · 100, of two ratios.
double PercentagePoints(double value, double base);

// The same of exact numbers, for what goes on computing with the quotient: nothing is rounded.
struct ExactNumber {
  base::Rational value;
  NullReason null = NullReason::kNone;
};
ExactNumber Quotient(const base::Rational& part, const base::Rational& whole, NullReason when_zero);
ExactNumber Growth(const base::Rational& value, const base::Rational& base);
ExactNumber Points(const base::Rational& change, const base::Rational& base);
ExactNumber IndexNumber(const base::Rational& value, const base::Rational& base);
// Rounded, as a root is.
Number AnnualGrowth(const base::Rational& value, const base::Rational& base, uint32_t years);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_RATIOS_H_
