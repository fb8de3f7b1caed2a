#include "services/analytics/statistics/targets/target_numbers.h"

#include <gtest/gtest.h>

#include "common/testing/proto_matchers.h"
#include "services/analytics/statistics/targets/target_fixture_test.h"

namespace tidemark::analytics {
namespace {

using base::Rational;

std::optional<Rational> Factor(const std::string& from, const std::string& to) {
  using tidemark::testing::ParseText;
  return UnitFactor(ParseText<catalog::v1::Unit>(from), ParseText<catalog::v1::Unit>(to));
}

TEST(TargetNumbersTest, DecimalsAreExact) {
  EXPECT_EQ(Exact("65.52"), Rational(6552) / Rational(100));
  EXPECT_EQ(Exact("-0.4"), Rational(-2) / Rational(5));
  EXPECT_EQ(Exact("11.0"), Rational(11));
  EXPECT_EQ(Exact("0.000000000000000001") * Rational(1'000'000'000'000'000'000), Rational(1));
  EXPECT_EQ(Exact("999999999999999999"), Rational(999'999'999'999'999'999));
}

TEST(TargetNumbersTest, UnitsBecomeOneAnotherExactly) {
  EXPECT_EQ(Factor("kind: UNIT_KIND_MONEY currency: 'CNY' power_of_ten: 4",
                   "kind: UNIT_KIND_MONEY currency: 'CNY' power_of_ten: 8"),
            Rational(1) / Rational(10'000));
  EXPECT_EQ(Factor("kind: UNIT_KIND_RATIO", "kind: UNIT_KIND_PERCENT"), Rational(100));
  EXPECT_EQ(Factor("kind: UNIT_KIND_PERCENT", "kind: UNIT_KIND_RATIO power_of_ten: -3"),
            Rational(10));
  EXPECT_EQ(Factor("kind: UNIT_KIND_COUNT per: UNIT_PER_HUNDRED_PERSONS",
                   "kind: UNIT_KIND_COUNT per: UNIT_PER_THOUSAND_PERSONS"),
            Rational(10));
  EXPECT_EQ(Factor("kind: UNIT_KIND_COUNT per: UNIT_PER_HUNDRED_HOUSEHOLDS",
                   "kind: UNIT_KIND_COUNT per: UNIT_PER_HOUSEHOLD"),
            Rational(1) / Rational(100));
  EXPECT_EQ(
      Factor("kind: UNIT_KIND_COUNT per: UNIT_PER_DAY", "kind: UNIT_KIND_COUNT per: UNIT_PER_DAY"),
      Rational(1));
}

TEST(TargetNumbersTest, DifferentThingsDoNot) {
  EXPECT_EQ(Factor("kind: UNIT_KIND_PERSONS", "kind: UNIT_KIND_COUNT"), std::nullopt);
  EXPECT_EQ(
      Factor("kind: UNIT_KIND_MONEY currency: 'CNY'", "kind: UNIT_KIND_MONEY currency: 'GBP'"),
      std::nullopt);
  EXPECT_EQ(Factor("kind: UNIT_KIND_COUNT per: UNIT_PER_PERSON",
                   "kind: UNIT_KIND_COUNT per: UNIT_PER_HOUSEHOLD"),
            std::nullopt);
  EXPECT_EQ(Factor("kind: UNIT_KIND_COUNT per: UNIT_PER_DAY",
                   "kind: UNIT_KIND_COUNT per: UNIT_PER_MONTH"),
            std::nullopt);
  EXPECT_EQ(Factor("kind: UNIT_KIND_COUNT", "kind: UNIT_KIND_COUNT per: UNIT_PER_PERSON"),
            std::nullopt);
}

}  // namespace
}  // namespace tidemark::analytics
