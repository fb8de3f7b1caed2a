#include "services/analytics/query/ratios.h"

#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

TEST(RatiosTest, GrowthHasReasonsInsteadOfInfinities) {
  EXPECT_EQ(Growth(int64_t{150}, int64_t{100}), (Number{0.5}));
  EXPECT_EQ(Growth(int64_t{0}, int64_t{100}), (Number{-1.0}));
  EXPECT_EQ(Growth(int64_t{1}, int64_t{0}).null, NullReason::kZeroBase);
  EXPECT_EQ(Growth(int64_t{1}, int64_t{-1}).null, NullReason::kNegativeBase);
  EXPECT_EQ(Growth(1.0, 0.0).null, NullReason::kZeroBase);
  EXPECT_EQ(Growth(1.0, -2.0).null, NullReason::kNegativeBase);
  // The difference does not fit 64 bits; the ratio does.
  EXPECT_DOUBLE_EQ(Growth(INT64_MIN, INT64_MAX).value, -2.0);
}

TEST(RatiosTest, PublishedGrowthOfJanuaryAndFebruaryComesOut) {
  // Levels published for January-February 2022 and 2023, in 100 million yuan: 5.04 %.
  EXPECT_NEAR(Growth(int64_t{20544}, int64_t{19558}).value, 0.0504, 0.00005);
}

TEST(RatiosTest, AveragesAreInUnitsOfTheCurrency) {
  EXPECT_EQ(MoneyAverage(12345, 10, 2), (Number{12.345}));
  EXPECT_EQ(MoneyAverage(12345, 10, 0), (Number{1234.5}));
  EXPECT_EQ(MoneyAverage(1, 3, 2), (Number{1.0 / 300}));
  EXPECT_EQ(MoneyAverage(5, 0, 2).null, NullReason::kNoData);
}

TEST(RatiosTest, AnnualGrowthLeavesTheBaseYearOut) {
  // 1.165^10 is 4.6053...: ten years of 16.5 % a year.
  EXPECT_NEAR(AnnualGrowth(4.605314073871, 1.0, 10).value, 0.165, 1e-12);
  EXPECT_EQ(AnnualGrowth(int64_t{1024}, int64_t{1}, 10), (Number{1}));
  EXPECT_EQ(AnnualGrowth(int64_t{0}, int64_t{5}, 3), (Number{-1}));
  EXPECT_EQ(AnnualGrowth(int64_t{1}, int64_t{0}, 3).null, NullReason::kNotPositive);
  EXPECT_EQ(AnnualGrowth(int64_t{-1}, int64_t{2}, 3).null, NullReason::kNotPositive);
}

TEST(RatiosTest, IndexNumbersAndContributions) {
  EXPECT_EQ(IndexNumber(int64_t{3}, int64_t{2}), (Number{150}));
  EXPECT_EQ(IndexNumber(0.3, 0.2), (Number{0.3 * 100 / 0.2}));
  EXPECT_EQ(IndexNumber(int64_t{3}, int64_t{0}).null, NullReason::kZeroBase);
  EXPECT_EQ(IndexNumber(3.0, -1.0).null, NullReason::kNegativeBase);
  EXPECT_EQ(Points(3, 60), (Number{5}));
  EXPECT_EQ(Points(3, 0).null, NullReason::kZeroBase);
  EXPECT_EQ(Points(3, -1).null, NullReason::kNegativeBase);
  // A textbook case: 30 of 100 here, 200 of 1,000 everywhere.
  EXPECT_DOUBLE_EQ(QuotientOfQuotients(30, 100, 200, 1'000, NullReason::kZeroDenominator).value,
                   1.5);
  EXPECT_EQ(QuotientOfQuotients(30, 100, 0, 1'000, NullReason::kZeroDenominator).null,
            NullReason::kZeroDenominator);
}

TEST(RatiosTest, QuotientsAndPoints) {
  EXPECT_EQ(Quotient(int64_t{1}, int64_t{4}, NullReason::kZeroDenominator), (Number{0.25}));
  EXPECT_EQ(Quotient(int64_t{1}, int64_t{0}, NullReason::kZeroDenominator).null,
            NullReason::kZeroDenominator);
  EXPECT_EQ(Quotient(int64_t{-1}, static_cast<__int128>(-4), NullReason::kZeroDenominator),
            (Number{0.25}));
  EXPECT_DOUBLE_EQ(PercentagePoints(0.25, 0.2), 5.0);
}

TEST(RatiosTest, ConcentrationIsTheSumOfSquaredShares) {
  const auto index = [](std::vector<__int128> parts) { return Concentration(parts); };
  EXPECT_EQ(index({7}), (Number{1}));
  EXPECT_EQ(index({5, 5, 5, 5}), (Number{0.25}));
  // The textbook's market of 30, 30, 20 and 20 per cent: 2600 of 10,000 points.
  EXPECT_EQ(index({30, 30, 20, 20}), (Number{0.26}));
  EXPECT_EQ(index({INT64_MAX, INT64_MAX, 0}), (Number{0.5}));
  EXPECT_EQ(index({}).null, NullReason::kZeroDenominator);
  EXPECT_EQ(index({0, 0}).null, NullReason::kZeroDenominator);
}

TEST(RatiosTest, ExactNumbersFollowTheSameRules) {
  const base::Rational third = base::Rational(1) / base::Rational(3);
  EXPECT_EQ(Growth(base::Rational(4), base::Rational(3)).value, third);
  EXPECT_EQ(Growth(third, base::Rational(0)).null, NullReason::kZeroBase);
  EXPECT_EQ(Growth(third, base::Rational(-3)).null, NullReason::kNegativeBase);
  EXPECT_EQ(Points(third, base::Rational(100)).value, third);
  EXPECT_EQ(Points(third, base::Rational(0)).null, NullReason::kZeroBase);
  EXPECT_EQ(IndexNumber(third, third).value, base::Rational(100));
  EXPECT_EQ(IndexNumber(third, base::Rational(-1)).null, NullReason::kNegativeBase);
  EXPECT_EQ(Quotient(base::Rational(2), base::Rational(6), NullReason::kNoChange).value, third);
  EXPECT_EQ(Quotient(third, base::Rational(0), NullReason::kNoChange).null, NullReason::kNoChange);
  EXPECT_EQ(AnnualGrowth(base::Rational(4), base::Rational(1), 2), (Number{1.0}));
  EXPECT_EQ(AnnualGrowth(base::Rational(0), third, 3), (Number{-1.0}));
  EXPECT_EQ(AnnualGrowth(base::Rational(-1), third, 3).null, NullReason::kNotPositive);
  EXPECT_EQ(AnnualGrowth(third, base::Rational(0), 3).null, NullReason::kNotPositive);
}

}  // namespace
}  // namespace tidemark::analytics
