#include "common/base/exact_math.h"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace tidemark::base {
namespace {

TEST(ExactMathTest, KnownDoubles) {
  // The doubles nearest to the values, from their decimal expansions.
  EXPECT_EQ(Log(2), 0.693147180559945309417232121458);
  EXPECT_EQ(Log(10), 2.30258509299404568401799145468);
  EXPECT_EQ(Exp(1), 2.71828182845904523536028747135);
  EXPECT_EQ(Power(2, 0.5), 1.41421356237309504880168872421);
  EXPECT_EQ(Log(1), 0);
  EXPECT_EQ(Power(10, -3), 0.001);
}

double ByMpfr(int (*function)(mpfr_t, const mpfr_t, mpfr_rnd_t), double x) {
  mpfr_t value;
  mpfr_init2(value, 53);
  mpfr_set_d(value, x, MPFR_RNDN);
  function(value, value, MPFR_RNDN);
  const double nearest = mpfr_get_d(value, MPFR_RNDN);
  mpfr_clear(value);
  return nearest;
}

TEST(ExactMathTest, LogarithmsAndExponentialsAreTheNearestDoubles) {
  std::mt19937_64 random(20240101);
  for (int i = 0; i < 200'000; ++i) {
    // Of all sizes, and near 1.
    const double any = std::bit_cast<double>(random() >> 2);
    const double near_1 = 1 + std::ldexp(static_cast<double>(random() >> 12), -53 - i % 52);
    const double exponent = std::ldexp(static_cast<double>(random() >> 12), -52 + i % 10) - 300;
    if (any > 0 && std::isfinite(any)) {
      ASSERT_EQ(Log(any), ByMpfr(mpfr_log, any)) << any;
    }
    ASSERT_EQ(Log(near_1), ByMpfr(mpfr_log, near_1)) << near_1;
    ASSERT_EQ(Exp(exponent), ByMpfr(mpfr_exp, exponent)) << exponent;
  }
  EXPECT_EQ(Exp(0), 1);
  EXPECT_EQ(Exp(-750), 0);
  EXPECT_EQ(Exp(1000), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Exp(-740), ByMpfr(mpfr_exp, -740)) << "subnormal";
  EXPECT_TRUE(std::isnan(Log(-1)));
}

TEST(ExactMathTest, RootsAreExactWhereTheyAre) {
  EXPECT_EQ(RootOfQuotient(1024, 1, 10), 2);
  EXPECT_EQ(RootOfQuotient(3, 3, 7), 1);
  EXPECT_EQ(RootOfQuotient(0, 5, 2), 0);
  EXPECT_EQ(RootOfQuotient(1, 10, 1), 0.1);
  // 16.5 % a year for ten years.
  double value = 1;
  for (int i = 0; i < 10; ++i) value *= 1.165;
  EXPECT_NEAR(RootOfQuotient(value, 1, 10), 1.165, 1e-15);
}

TEST(ExactMathTest, IsCloseToTheLibraryEverywhere) {
  for (double x = 1e-300; x < 1e300; x *= 1.7e3) {
    EXPECT_NEAR(Log(x), std::log(x), std::abs(std::log(x)) * 1e-15);
    EXPECT_NEAR(RootOfQuotient(x, 3, 5), std::pow(x / 3, 0.2), std::pow(x / 3, 0.2) * 1e-14);
  }
}

}  // namespace
}  // namespace tidemark::base
