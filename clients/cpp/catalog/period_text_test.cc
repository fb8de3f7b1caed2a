#include "clients/cpp/catalog/period_text.h"

#include <gtest/gtest.h>

namespace tidemark::catalog_client {
namespace {

TEST(PeriodTextTest, NamesComeBackAsTheyAreWritten) {
  for (const char* text : {"2024",
                           "2024-H1",
                           "2024-H2",
                           "2024-Q1",
                           "2024-Q4",
                           "2024-01",
                           "2024-12",
                           "2024-W01",
                           "2020-W53",
                           "2021-W01",
                           "2024-02-29",
                           "0001",
                           "2013..2022",
                           "2013-Q1..Q3",
                           "2024-01..02",
                           "2024-11..2025-01",
                           "2024-H2..2025-H1",
                           "2024-W09..W12",
                           "2024-03-05..07",
                           "2024-03-31..2024-04-01",
                           "2020-W53..2021-W02"}) {
    const auto period = ParsePeriod(text);
    ASSERT_TRUE(period) << text;
    EXPECT_EQ(PeriodText(*period), text);
  }
}

TEST(PeriodTextTest, SaysWhichDaysAPeriodBeginsOn) {
  const auto week = ParsePeriod("2021-W01");
  EXPECT_EQ(week->start().ShortDebugString(), "year: 2021 month: 1 day: 4");
  const auto joined = ParsePeriod("2024-01..02");
  EXPECT_EQ(joined->grain(), type::v1::PERIOD_GRAIN_MONTH);
  EXPECT_EQ(joined->count(), 2u);
  EXPECT_EQ(PeriodText(*ParsePeriod("2013-Q1..2013-Q3")), "2013-Q1..Q3");
  EXPECT_EQ(PeriodText(*ParsePeriod("2024-01..01")), "2024-01");
}

TEST(PeriodTextTest, OtherTextsAreNoPeriods) {
  for (const char* text : {"",         "24",         "20245",       "2024-",         "2024-13",
                           "2024-00",  "2024-1",     "2024-Q5",     "2024-H3",       "2024-W54",
                           "2023-W53", "2024-02-30", "2024-02..01", "2024..2024-02", "2024..",
                           "..2024",   "1900..2100", "0000",        "2024-Q1 ",      "２０２４"}) {
    EXPECT_FALSE(ParsePeriod(text)) << text;
  }
  type::v1::Period period = *ParsePeriod("2024-02");
  period.set_grain(type::v1::PERIOD_GRAIN_QUARTER);
  EXPECT_FALSE(PeriodText(period));
}

}  // namespace
}  // namespace tidemark::catalog_client
