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

}  // namespace
}  // namespace tidemark::analytics
