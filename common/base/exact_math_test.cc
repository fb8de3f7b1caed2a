#include "common/base/exact_math.h"

#include <gtest/gtest.h>

#include <cmath>

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
