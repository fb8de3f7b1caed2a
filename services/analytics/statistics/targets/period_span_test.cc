#include "services/analytics/statistics/targets/period_span.h"

#include <gtest/gtest.h>

#include "services/analytics/statistics/targets/target_fixture_test.h"

namespace tidemark::analytics {
namespace {

TEST(PeriodSpanTest, PeriodsOfTheSameDaysAreEqualAndHaveTheLongestName) {
  EXPECT_EQ(Span("2013-Q1..Q2"), Span("2013-H1"));
  EXPECT_EQ(Span("2013-01..12"), Span("2013"));
  EXPECT_EQ(Span("2024-02-01..29"), Span("2024-02"));
  // Four ISO weeks that are a month.
  EXPECT_EQ(Span("2021-W05..W08"), Span("2021-02"));
  EXPECT_EQ(NameOf(Span("2013-Q1..Q2")), "2013-H1");
  EXPECT_EQ(NameOf(Span("2013-01..09")), "2013-Q1..Q3");
  EXPECT_EQ(NameOf(Span("2012-10..2013-09")), "2012-Q4..2013-Q3");
  EXPECT_EQ(NameOf(Span("2013-H1..H2")), "2013");
  for (const char* name : {"2013", "2013..2022", "2013-Q2", "2013-02", "2013-01..02", "2024-W09",
                           "2024-W09..W10", "2024-03-05", "2024-03-05..2024-04-09"}) {
    EXPECT_EQ(NameOf(Span(name)), name);
  }
}

TEST(PeriodSpanTest, LikePeriodsHaveOneGrainOneCountAndWhereSeveralOneBeginning) {
  EXPECT_TRUE(AreLike(Span("2013"), Span("2015")));
  EXPECT_TRUE(AreLike(Span("2013-01..12"), Span("2015")));
  EXPECT_TRUE(AreLike(Span("2013-Q2"), Span("2015-Q4")));
  EXPECT_TRUE(AreLike(Span("2013-Q1..Q3"), Span("2015-Q1..Q3")));
  EXPECT_TRUE(AreLike(Span("2013-04..2014-03"), Span("2015-04..2016-03")));
  EXPECT_TRUE(AreLike(Span("2024-W09"), Span("2024-W20")));
  EXPECT_FALSE(AreLike(Span("2013"), Span("2013-Q1..Q3")));
  EXPECT_FALSE(AreLike(Span("2013-Q1..Q3"), Span("2013-Q2..Q4")));
  EXPECT_FALSE(AreLike(Span("2013"), Span("2013-04..2014-03")));
  EXPECT_FALSE(AreLike(Span("2013-04..2014-03"), Span("2013-07..2014-06")));
  EXPECT_FALSE(AreLike(Span("2013"), Span("2013..2014")));
  EXPECT_FALSE(AreLike(Span("2024-W09"), Span("2024-03-05")));
}

TEST(PeriodSpanTest, IsOfTheObservatorysCalendar) {
  absl::TimeZone shanghai;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &shanghai));
  const Calendar calendar(shanghai);
  for (const char* name : {"2013", "2013-H2", "2013-Q3", "2013-02", "2024-W09", "2024-03-05"})
    EXPECT_EQ(CalendarPeriod(Span(name), calendar), *calendar.Parse(name)) << name;
  EXPECT_EQ(CalendarPeriod(Span("2013-01..02"), calendar), *calendar.Parse("2013-01..02"));
  const Period financial = CalendarPeriod(Span("2013-04..2014-03"), calendar);
  EXPECT_EQ(financial.grain, Grain::kAll);
  EXPECT_EQ(financial.start_us, calendar.Parse("2013-04")->start_us);
  EXPECT_EQ(financial.end_us, calendar.Parse("2014-03")->end_us);
}

}  // namespace
}  // namespace tidemark::analytics
