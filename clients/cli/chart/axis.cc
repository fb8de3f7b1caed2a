#include "clients/cli/chart/axis.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/table/decimal_text.h"
#include "clients/cli/table/text_table.h"

namespace tidemark::cli {
namespace {

// A step of digit × 10^exponent, as a number: parsed, so that it is the nearest double.
double StepOf(int digit, int exponent) {
  double step = 1;
  (void)absl::SimpleAtod(absl::StrCat(digit, "e", exponent), &step);
  return step;
}

}  // namespace

Axis NiceAxis(double low, double high, int most) {
  constexpr double kMost = 1e300;
  if (!std::isfinite(low) || !std::isfinite(high)) low = 0, high = 1;
  low = std::clamp(low, -kMost, kMost);
  high = std::clamp(high, -kMost, kMost);
  if (low > high) std::swap(low, high);
  if (low == high) {
    if (low == 0) high = 1;
    if (low > 0) low = 0;
    if (low < 0) high = 0;
  }
  // Ends so near to each other that ticks between them would be the same doubles.
  const double size = std::max(std::abs(low), std::abs(high));
  if (high - low < size * 1e-9) low -= size * 1e-9, high += size * 1e-9;
  most = std::max(most, 1);
  int exponent =
      static_cast<int>(std::floor(std::log10(std::max((high - low) / most, 1e-300)))) - 1;
  for (;; ++exponent) {
    for (const int digit : {1, 2, 5}) {
      const double step = StepOf(digit, exponent);
      const double first = std::floor(low / step);
      const double last = std::ceil(high / step);
      // Of two ends in one step there is one step; over 0 there may be two.
      if (last - first > std::max(most, low < 0 && high > 0 ? 2 : 1)) continue;
      Axis axis{.low = first * step, .high = last * step, .step = step};
      for (double i = first; i <= last; ++i) {
        axis.ticks.push_back(i * step);
        axis.labels.push_back(GroupThousands(RoundedDecimal(
            ExactDecimal(i * step), 0, static_cast<uint32_t>(std::max(0, -exponent)))));
      }
      return axis;
    }
  }
}

}  // namespace tidemark::cli
