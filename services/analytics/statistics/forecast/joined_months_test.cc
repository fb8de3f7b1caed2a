#include "services/analytics/statistics/forecast/joined_months.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> NamesOf(const std::vector<SeriesPoint>& points) {
  std::vector<std::string> names;
  for (const SeriesPoint& point : points) names.push_back(point.period);
  return names;
}

TEST(JoinedMonthsTest, JanuaryAndFebruaryAreOne) {
  const std::vector<SeriesPoint> joined =
      JoinJanuaryFebruary({{"2023-12", 7}, {"2024-01", 3, true}, {"2024-02", 4}, {"2024-03", 5}});
  EXPECT_THAT(NamesOf(joined), ElementsAre("2023-12", "2024-01..02", "2024-03"));
  EXPECT_EQ(joined[1].value, 7);
  EXPECT_TRUE(joined[1].partial);
  EXPECT_FALSE(joined[2].partial);
}

TEST(JoinedMonthsTest, HalfOfThemIsLeftOut) {
  EXPECT_THAT(NamesOf(JoinJanuaryFebruary({{"2024-02", 4}, {"2024-03", 5}})),
              ElementsAre("2024-03"));
  EXPECT_THAT(NamesOf(JoinJanuaryFebruary({{"2023-12", 4}, {"2024-01", 5}})),
              ElementsAre("2023-12"));
}

TEST(JoinedMonthsTest, NamesGoOn) {
  EXPECT_THAT(NextJoinedMonths("2023-11", 4),
              ElementsAre("2023-12", "2024-01..02", "2024-03", "2024-04"));
  EXPECT_THAT(NextJoinedMonths("2024-01..02", 2), ElementsAre("2024-03", "2024-04"));
  EXPECT_THAT(NextJoinedMonths("2023-12", 1), ElementsAre("2024-01..02"));
}

}  // namespace
}  // namespace tidemark::analytics
