#include "clients/cli/observations/stated_period.h"

#include <gtest/gtest.h>

#include "clients/cpp/catalog/period_text.h"

namespace tidemark::observations {
namespace {

std::string Read(std::string_view text) {
  const auto period = ParseStatedPeriod(text);
  return period ? catalog_client::PeriodText(*period).value_or("?") : "";
}

TEST(StatedPeriodTest, ReadsWhatPublishersWrite) {
  EXPECT_EQ(Read("2024"), "2024");
  EXPECT_EQ(Read("2024年"), "2024");
  EXPECT_EQ(Read("2007 Q1"), "2007-Q1");
  EXPECT_EQ(Read("2007Q4"), "2007-Q4");
  EXPECT_EQ(Read("Q3 2007"), "2007-Q3");
  EXPECT_EQ(Read("2024年第三季度"), "2024-Q3");
  EXPECT_EQ(Read("2024年1季度"), "2024-Q1");
  EXPECT_EQ(Read("2024年前三季度"), "2024-Q1..Q3");
  EXPECT_EQ(Read("2024年上半年"), "2024-H1");
  EXPECT_EQ(Read("2024-S2"), "2024-H2");
  EXPECT_EQ(Read("2007 JAN"), "2007-01");
  EXPECT_EQ(Read("Sept 2007"), "2007-09");
  EXPECT_EQ(Read("2012年3月"), "2012-03");
  EXPECT_EQ(Read("2012年10月"), "2012-10");
  EXPECT_EQ(Read("2012年1-2月"), "2012-01..02");
  EXPECT_EQ(Read("2012年1—11月"), "2012-01..11");
  EXPECT_EQ(Read("2012M07"), "2012-07");
  EXPECT_EQ(Read("2012/7"), "2012-07");
  EXPECT_EQ(Read("2024-W09"), "2024-W09");
}

TEST(StatedPeriodTest, OtherTextsAreNoPeriods) {
  for (const char* text : {"", "PreUnit", "Release Date", "2012年13月", "2012年2-1月", "2012 XYZ",
                           "20-02-2026", "1/10/1999", "2013-14", "Decline 2019", "2020 Margin"}) {
    EXPECT_EQ(Read(text), "") << text;
  }
}

TEST(StatedPeriodTest, DaysStandForThePeriodThatTheyLieIn) {
  const auto read = [](std::string_view text, type::v1::PeriodGrain grain) {
    const auto period = PeriodOfDay(text, "%m/%d/%Y", grain);
    return period ? catalog_client::PeriodText(*period).value_or("?") : "";
  };
  EXPECT_EQ(read("10/1/1999", type::v1::PERIOD_GRAIN_QUARTER), "1999-Q4");
  EXPECT_EQ(read("12/31/1999", type::v1::PERIOD_GRAIN_YEAR), "1999");
  EXPECT_EQ(read("3/5/2024", type::v1::PERIOD_GRAIN_WEEK), "2024-W10");
  EXPECT_EQ(read("3/5/2024", type::v1::PERIOD_GRAIN_DAY), "2024-03-05");
  EXPECT_EQ(read("31/12/1999", type::v1::PERIOD_GRAIN_YEAR), "");
}

}  // namespace
}  // namespace tidemark::observations
