#include "services/analytics/statistics/forecast/rolling_origin.h"

#include <cmath>

#include "common/testing/status_matchers.h"

namespace tidemark::analytics {
namespace {

// Grows by 10 with a season of 4.
std::vector<double> Series(size_t count) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) {
    const double season[] = {0, 40, -20, 15};
    values.push_back(200 + 10 * static_cast<double>(i) + season[i % 4] +
                     static_cast<double>((i * 7) % 5));
  }
  return values;
}

TEST(BackTestTest, ComparesEveryOriginWithWhatCame) {
  const NormalPaths paths(4);
  ASSERT_OK_AND_ASSIGN(const BackTest test, RunBackTest(4, Series(32), 5, paths, nullptr));
  ASSERT_EQ(test.ets.size(), 4u);
  for (size_t h = 0; h < 4; ++h) {
    EXPECT_EQ(test.ets[h].forecasts, 5 - static_cast<int64_t>(h));
    EXPECT_EQ(test.naive[h].forecasts, test.ets[h].forecasts);
    EXPECT_EQ(test.ets[h].scaled, test.ets[h].forecasts);
    // Naive misses four steps of the trend, which is its scale.
    EXPECT_NEAR(test.naive[h].scaled_error / static_cast<double>(test.naive[h].scaled), 1, 0.15);
    EXPECT_LT(test.ets[h].scaled_error, test.naive[h].scaled_error / 3);
    EXPECT_LE(test.ets[h].in_80, test.ets[h].in_95);
  }
}

TEST(BackTestTest, LeavesEnoughBeforeEveryOrigin) {
  const NormalPaths paths(2);
  // Origins 8 and 9 only: two seasons come first.
  ASSERT_OK_AND_ASSIGN(const BackTest test, RunBackTest(4, Series(10), 24, paths, nullptr));
  EXPECT_EQ(test.ets[0].forecasts, 2);
  EXPECT_EQ(test.ets[1].forecasts, 1);
  ASSERT_OK_AND_ASSIGN(const BackTest none, RunBackTest(1, Series(6), 24, paths, nullptr));
  EXPECT_EQ(none.ets[0].forecasts, 0);
}

TEST(BackTestTest, WhatDoesNotMoveHasNoScale) {
  const NormalPaths paths(1);
  ASSERT_OK_AND_ASSIGN(const BackTest test,
                       RunBackTest(1, std::vector<double>(9, 5.0), 2, paths, nullptr));
  EXPECT_EQ(test.ets[0].forecasts, 2);
  EXPECT_EQ(test.ets[0].scaled, 0);
  EXPECT_EQ(test.naive[0].in_95, 2);
}

}  // namespace
}  // namespace tidemark::analytics
