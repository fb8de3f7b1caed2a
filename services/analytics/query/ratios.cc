#include "services/analytics/query/ratios.h"

namespace tidemark::analytics {

Number Quotient(int64_t part, int64_t whole, NullReason when_zero) {
  if (whole == 0) return {0, when_zero};
  return {static_cast<double>(part) / static_cast<double>(whole)};
}

Number Quotient(int64_t part, __int128 whole, NullReason when_zero) {
  if (whole == 0) return {0, when_zero};
  return {static_cast<double>(part) / static_cast<double>(whole)};
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

double PercentagePoints(double value, double base) { return (value - base) * 100; }

}  // namespace tidemark::analytics
