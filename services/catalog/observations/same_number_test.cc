#include "services/catalog/observations/same_number.h"

#include <gtest/gtest.h>

namespace tidemark::catalog {
namespace {

Fraction Of(const char* text, uint32_t divisor = 1) { return {*ParseDecimal(text), divisor}; }
Decimal Share(const char* text) { return *ParseDecimal(text); }

TEST(SameNumberTest, ComparesNumbersNotTexts) {
  EXPECT_TRUE(SameNumber(Of("11.0"), Of("11"), {}));
  EXPECT_TRUE(SameNumber(Of("-0.50"), Of("-1", 2), {}));
  EXPECT_TRUE(SameNumber(Of("1", 3), Of("2", 6), {}));
  EXPECT_FALSE(SameNumber(Of("0.333333333333333333"), Of("1", 3), {}));
  EXPECT_FALSE(SameNumber(Of("1"), Of("-1"), {}));
  EXPECT_TRUE(SameNumber(Of("0"), Of("0.00"), {}));
}

TEST(SameNumberTest, ToleratesAShareOfTheFirstExactly) {
  EXPECT_TRUE(SameNumber(Of("1000"), Of("1001"), Share("0.001")));
  EXPECT_FALSE(SameNumber(Of("1000"), Of("1001.000000000000001"), Share("0.001")));
  EXPECT_TRUE(SameNumber(Of("-1000"), Of("-999"), Share("0.001")));
  EXPECT_FALSE(SameNumber(Of("0"), Of("0.000000000000000001"), Share("1")));
  EXPECT_TRUE(SameNumber(Of("5"), Of("0"), Share("1")));
  EXPECT_FALSE(SameNumber(Of("5"), Of("-0.1"), Share("1")));
}

TEST(SameNumberTest, HoldsTheLargestAndTheSmallestNumbers) {
  const Fraction most = Of("999999999999999999", 999'999);
  const Fraction least = Of("0.000000000000000001", 1'000'000);
  EXPECT_TRUE(SameNumber(most, most, Share("0.000000000000000001")));
  EXPECT_FALSE(SameNumber(most, least, Share("0.999999999999999999")));
  EXPECT_FALSE(SameNumber(least, most, Share("1")));
}

}  // namespace
}  // namespace tidemark::catalog
