#include "services/analytics/statistics/uplift/differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace tidemark::analytics {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

DailyGross World(const std::vector<std::vector<int64_t>>& rows) {
  DailyGross gross(rows.size(), rows[0].size());
  for (size_t region = 0; region < rows.size(); ++region) {
    for (size_t day = 0; day < rows[0].size(); ++day) gross.At(region, day) = rows[region][day];
  }
  return gross;
}

TEST(DifferencesTest, AChangeIsOfMeanLogarithms) {
  const DailyGross gross = World({{100, 400, 300, 1200}});
  const Windows windows{.before = {0, 1}, .activity = {2, 3}};
  EXPECT_NEAR(ChangeOf(gross, 0, windows), std::log(3), 1e-12);
}

TEST(DifferencesTest, WhatAllHaveInCommonDropsOut) {
  // Everything doubles; the first region also grows by half.
  const DailyGross gross = World({{100, 300}, {50, 100}, {7, 14}});
  const Windows windows{.before = {0}, .activity = {1}};
  const std::vector<double> treated = {ChangeOf(gross, 0, windows)};
  const std::vector<double> controls = {ChangeOf(gross, 1, windows), ChangeOf(gross, 2, windows)};
  EXPECT_NEAR(DifferenceOf(treated, controls), std::log(1.5), 1e-12);
}

TEST(DifferencesTest, DaysOutsideTheWindowsDoNotMatter) {
  const DailyGross gross = World({{0, 5, 0, 9, 0}});
  EXPECT_EQ(CountZeroDays(gross, 0, {.before = {1}, .activity = {3}}), 0u);
  EXPECT_EQ(CountZeroDays(gross, 0, {.before = {0, 1}, .activity = {3, 4}}), 2u);
}

TEST(DifferencesTest, EveryControlIsAPlaceboOnceAgainstTheOthers) {
  const std::vector<double> controls = {1, 2, 4};
  EXPECT_THAT(PlaceboDifferences(1, controls),
              ElementsAre(DoubleNear(1 - 3, 1e-12), DoubleNear(2 - 2.5, 1e-12),
                          DoubleNear(4 - 1.5, 1e-12)));
  // Groups of two: (1,2), (2,4), (4,1).
  EXPECT_THAT(PlaceboDifferences(2, controls),
              ElementsAre(DoubleNear(1.5 - 4, 1e-12), DoubleNear(3 - 1, 1e-12),
                          DoubleNear(2.5 - 2, 1e-12)));
  EXPECT_THAT(PlaceboDifferences(3, controls), ElementsAre());
}

TEST(DifferencesTest, PCountsTheEstimateItself) {
  const std::vector<double> placebos = {-3, 1, 2, -2};
  EXPECT_EQ(PlaceboP(2, placebos), 4.0 / 5);
  EXPECT_EQ(PlaceboP(-4, placebos), 1.0 / 5);
  EXPECT_EQ(PlaceboP(2, {}), 1);
}

TEST(DifferencesTest, ALineThroughPoints) {
  const std::vector<double> positions = {0, 1, 3}, values = {1, 3, 7}, off = {1, 4, 7};
  EXPECT_NEAR(FitLine(positions, values).slope, 2, 1e-12);
  EXPECT_NEAR(FitLine(positions, values).deviation, 0, 1e-12);
  // Sxx 14/3, slope 27/14, residuals' squares 9/14, one degree of freedom.
  EXPECT_NEAR(FitLine(positions, off).slope, 27.0 / 14, 1e-12);
  EXPECT_NEAR(FitLine(positions, off).deviation, std::sqrt(9.0 / 14 / (14.0 / 3)), 1e-12);
}

TEST(DifferencesTest, ManyLargeNumbersHaveALogarithm) {
  DailyGross gross(1000, 1);
  std::vector<size_t> regions;
  for (size_t region = 0; region < 1000; ++region) {
    gross.At(region, 0) = INT64_MAX;
    regions.push_back(region);
  }
  EXPECT_NEAR(MeanLogOf(gross, regions, 0), 63 * std::log(2), 1e-12);
}

}  // namespace
}  // namespace tidemark::analytics
