#include "common/base/rational.h"

#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace tidemark::base {
namespace {

TEST(RationalTest, IsExact) {
  Rational sum;
  for (int i = 0; i < 10; ++i) sum += Rational(1) / Rational(10);
  EXPECT_EQ(sum, Rational(1));
  EXPECT_EQ(Rational(2) / Rational(6), Rational(1) / Rational(3));
  EXPECT_EQ((Rational(1) / Rational(3)).ToDouble(), 1.0 / 3);
  EXPECT_LT(Rational(-1) / Rational(2), Rational(-1) / Rational(3));
  EXPECT_EQ((Rational(3) - Rational(5)).Sign(), -1);
  EXPECT_EQ(Rational().Sign(), 0);
}

TEST(RationalTest, HoldsIntegersOfAnySize) {
  const __int128 lowest = std::numeric_limits<__int128>::min();
  EXPECT_EQ(Rational(lowest).ToDouble(), -0x1p127);
  EXPECT_EQ(Rational(lowest) + Rational(-(lowest + 1)), Rational(-1));
  Rational square(std::numeric_limits<int64_t>::max());
  square *= square;
  square *= square;
  EXPECT_EQ(square.ToDouble(), 0x1p252);
  EXPECT_EQ(Rational(std::numeric_limits<int64_t>::min()).ToDouble(), -0x1p63);
}

TEST(RationalTest, TakesDoublesAndPowersAsTheyAre) {
  EXPECT_EQ(Rational::FromDouble(0.25), Rational(1) / Rational(4));
  EXPECT_NE(Rational::FromDouble(0.1), Rational(1) / Rational(10));
  EXPECT_EQ(Rational::FromDouble(-0.1).ToDouble(), -0.1);
  EXPECT_EQ(Rational::PowerOfTen(0), Rational(1));
  EXPECT_EQ(Rational::PowerOfTen(3) * Rational::PowerOfTen(-3), Rational(1));
  EXPECT_EQ(Rational::PowerOfTen(-2).ToDouble(), 0.01);
}

TEST(RationalTest, TakesDecimalTextAsItStands) {
  EXPECT_EQ(Rational::FromDecimal("0.35"), Rational(7) / Rational(20));
  EXPECT_EQ(Rational::FromDecimal("-12.50"), Rational(-25) / Rational(2));
  EXPECT_EQ(Rational::FromDecimal("140828"), Rational(140828));
  EXPECT_EQ(Rational::FromDecimal(".5"), Rational(1) / Rational(2));
  EXPECT_EQ(Rational::FromDecimal("123456789012345678901234567890.1"),
            (Rational::FromDecimal("1234567890123456789012345678901")) / Rational(10));
  EXPECT_EQ(Rational::FromDecimal(""), Rational(0));
}

TEST(RationalTest, RootsAreTheNearestDoubles) {
  EXPECT_EQ(Rational(9).Root(2), 3.0);
  EXPECT_EQ((Rational(1) / Rational(8)).Root(3), 0.5);
  EXPECT_EQ(Rational(2).Root(2), 1.4142135623730951);
  EXPECT_EQ(Rational().Root(5), 0.0);
}

TEST(RationalTest, FloorIsBelow) {
  EXPECT_EQ((Rational(7) / Rational(2)).Floor(), Rational(3));
  EXPECT_EQ((Rational(-7) / Rational(2)).Floor(), Rational(-4));
  EXPECT_EQ(Rational(-3).Floor(), Rational(-3));
}

TEST(RationalTest, WhatWasMovedFromIsUsable) {
  Rational a(5);
  Rational b(std::move(a));
  EXPECT_EQ(b, Rational(5));
  a = Rational(7);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(a + b, Rational(12));
}

TEST(RationalTest, LogsAreSummedBeforeTheyAreRounded) {
  RationalLogs logs;
  logs.Add(Rational(3), Rational(2));
  EXPECT_EQ(logs.ToDouble(), 2.07944154167983592825169636437);  // ln 8
  logs.Add(Rational(-1), Rational(8));
  EXPECT_NEAR(logs.ToDouble(), 0, 1e-90);
  RationalLogs none;
  none.Add(Rational(4), Rational(1));
  EXPECT_EQ(none.ToDouble(), 0);
}

TEST(RationalTest, GrowthIsRoundedOnce) {
  // To the nearest double of 60 digits.
  EXPECT_EQ(PowerLessOne(Rational(12500) / Rational(8736), 1, 2), 0.196185941173363674307);
  EXPECT_EQ(PowerLessOne(Rational(125) / Rational(100), 12, 27), 0.10425943055689846);
  EXPECT_EQ(PowerLessOne(Rational(1) / Rational(8), 1, 3), -0.5);
  EXPECT_EQ(PowerLessOne(Rational(7) / Rational(7), 3, 5), 0);
  // What is left of 1 + 10^-15 in a double, less one, has one digit only.
  EXPECT_EQ(PowerLessOne(Rational(1'000'000'000'000'001) / Rational(1'000'000'000'000'000), 1, 1),
            1e-15);
}

}  // namespace
}  // namespace tidemark::base
