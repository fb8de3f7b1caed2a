#include "services/analytics/statistics/targets/month_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// Months since January 2012 here.
std::vector<std::pair<size_t, int>> Found(const MonthSums& sums, int64_t first, int64_t end) {
  std::vector<std::pair<size_t, int>> found;
  for (const auto& [part, sign] : sums.Find(first, end).value_or(std::vector<MonthSums::Term>()))
    found.emplace_back(part, sign);
  return found;
}

TEST(MonthSumsTest, AYearFollowsFromItsQuarters) {
  MonthSums sums;
  for (const int64_t quarter : {3, 0, 6, 9, 15}) sums.Add(quarter, quarter + 3);
  EXPECT_THAT(Found(sums, 0, 12), ElementsAre(Pair(1, 1), Pair(0, 1), Pair(2, 1), Pair(3, 1)));
  EXPECT_EQ(sums.LastYearEnd(), 12);
  EXPECT_FALSE(sums.Find(3, 15).has_value());
  EXPECT_FALSE(sums.Find(0, 13).has_value());
}

TEST(MonthSumsTest, CumulativePartsAreSubtracted) {
  MonthSums sums;
  sums.Add(0, 9);
  sums.Add(0, 12);
  sums.Add(12, 21);
  // October 2012 to September 2013: the year, less its first nine months, and nine more.
  EXPECT_THAT(Found(sums, 9, 21), ElementsAre(Pair(0, -1), Pair(1, 1), Pair(2, 1)));
  EXPECT_EQ(sums.LastYearEnd(), 21);
}

TEST(MonthSumsTest, TheFewestPartsAreTaken) {
  MonthSums sums;
  for (int64_t month = 0; month < 12; ++month) sums.Add(month, month + 1);
  sums.Add(0, 6);
  sums.Add(6, 12);
  EXPECT_THAT(Found(sums, 0, 12), ElementsAre(Pair(12, 1), Pair(13, 1)));
  EXPECT_THAT(Found(sums, 5, 7), ElementsAre(Pair(5, 1), Pair(6, 1)));
}

TEST(MonthSumsTest, AYearEndsWithAQuarter) {
  MonthSums sums;
  for (int64_t month = 0; month < 14; ++month) sums.Add(month, month + 1);
  EXPECT_EQ(sums.LastYearEnd(), 12);
  MonthSums none;
  EXPECT_EQ(none.LastYearEnd(), std::nullopt);
  none.Add(0, 11);
  EXPECT_EQ(none.LastYearEnd(), std::nullopt);
}

}  // namespace
}  // namespace tidemark::analytics
