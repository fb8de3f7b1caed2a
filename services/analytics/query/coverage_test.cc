#include "services/analytics/query/coverage.h"

#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

class CoverageTest : public ::testing::Test {
 protected:
  Period P(const char* name) { return *calendar_.Parse(name); }
  int64_t Start(const char* name) { return P(name).start_us; }
  PeriodCoverage Judge(const Coverage& coverage, const Period& period) {
    return coverage.Judge(period, period.start_us, period.end_us);
  }
  Calendar calendar_{Zone("Europe/London")};
};

TEST_F(CoverageTest, CompletePeriodIsNotPartial) {
  const Coverage coverage(calendar_, {{Start("2010-12-01"), kEndOfTime}}, Start("2012"));
  const PeriodCoverage march = Judge(coverage, P("2011-03"));
  EXPECT_EQ(march.expected, 31);
  EXPECT_EQ(march.complete, 31);
  EXPECT_FALSE(march.partial);
}

TEST_F(CoverageTest, MonthInWhichTheSourceEndedIsPartial) {
  // The last day of the UK retail data is 9 December 2011.
  const Coverage coverage(calendar_, {{Start("2010-12-01"), Start("2011-12-10")}}, Start("2026"));
  const PeriodCoverage december = Judge(coverage, P("2011-12"));
  EXPECT_EQ(december.expected, 31);
  EXPECT_EQ(december.complete, 9);
  EXPECT_TRUE(december.partial);
  EXPECT_FALSE(Judge(coverage, P("2011-11")).partial);
}

TEST_F(CoverageTest, PeriodBecomesWholeWithTheLastInstantOfItsLastDay) {
  const int64_t end = P("2011-03").end_us;
  const std::vector<Coverage::Window> windows = {{Start("2010"), kEndOfTime}};
  EXPECT_TRUE(Judge(Coverage(calendar_, windows, end - 1), P("2011-03")).partial);
  EXPECT_EQ(Judge(Coverage(calendar_, windows, end - 1), P("2011-03")).complete, 30);
  EXPECT_FALSE(Judge(Coverage(calendar_, windows, end), P("2011-03")).partial);
}

TEST_F(CoverageTest, IsReportedWhereAWindowHasPassedInWhatWasAsked) {
  const Coverage coverage(
      calendar_, {{Start("2010-03-05"), Start("2011-03")}, {Start("2011-06"), Start("2011-08-10")}},
      Start("2011-08-03"));
  EXPECT_EQ(coverage.reach().start_us, Start("2010-03-05"));
  EXPECT_EQ(coverage.reach().end_us, Start("2011-08-03"));
  EXPECT_FALSE(Judge(coverage, P("2010-02")).reported);
  EXPECT_TRUE(Judge(coverage, P("2010-03")).reported);
  EXPECT_FALSE(Judge(coverage, P("2010-03-04")).reported);
  // Between the windows.
  EXPECT_FALSE(Judge(coverage, P("2011-03")).reported);
  EXPECT_TRUE(Judge(coverage, P("2011-06")).reported);
  // Begun at the snapshot, and not yet.
  EXPECT_TRUE(Judge(coverage, P("2011-08-02")).reported);
  EXPECT_FALSE(Judge(coverage, P("2011-08-03")).reported);
  // Only what was asked of the period counts.
  EXPECT_FALSE(coverage.Judge(P("2010"), P("2010").start_us, Start("2010-03-05")).reported);
  EXPECT_TRUE(coverage.Judge(P("2010"), P("2010").start_us, Start("2010-03-06")).reported);
  const Period always;
  EXPECT_TRUE(Judge(coverage, always).reported);
  EXPECT_FALSE(Judge(Coverage(calendar_, {}, Start("2013")), always).reported);
}

TEST_F(CoverageTest, CountsEverySourceWhoseWindowTouchesThePeriod) {
  const Coverage coverage(calendar_,
                          {{Start("2010"), kEndOfTime},
                           {Start("2011-03-11"), Start("2011-03-21")},
                           // Ends as the period begins, begins as it ends: neither is asked.
                           {Start("2009"), Start("2011-03")},
                           {Start("2011-04"), kEndOfTime}},
                          Start("2013"));
  const PeriodCoverage march = Judge(coverage, P("2011-03"));
  EXPECT_EQ(march.expected, 62);
  EXPECT_EQ(march.complete, 31 + 10);
  EXPECT_TRUE(march.partial);
}

TEST_F(CoverageTest, NobodyReportingIsPartial) {
  const Coverage coverage(calendar_, {{Start("2011"), Start("2012")}}, Start("2013"));
  const PeriodCoverage before = Judge(coverage, P("2010"));
  EXPECT_EQ(before.expected, 0);
  EXPECT_TRUE(before.partial);
}

TEST_F(CoverageTest, DaysOutsideTheAskedPartAreNotComplete) {
  const Coverage coverage(calendar_, {{Start("2010"), kEndOfTime}}, Start("2013"));
  const Period week = P("2011-W10");  // 7 to 13 March
  PeriodCoverage cut = coverage.Judge(week, Start("2011-03-09"), week.end_us);
  EXPECT_EQ(cut.expected, 7);
  EXPECT_EQ(cut.complete, 5);
  EXPECT_TRUE(cut.partial);
  cut = coverage.Judge(week, week.start_us, Start("2011-03-09T12+00:00"));
  EXPECT_EQ(cut.complete, 2);
  cut = coverage.Judge(week, Start("2011-03-09T12+00:00"), week.end_us);
  EXPECT_EQ(cut.complete, 4);
}

TEST_F(CoverageTest, HoursTakeTheirDay) {
  const Coverage coverage(calendar_, {{Start("2010"), kEndOfTime}}, Start("2011-03-09T12+00:00"));
  EXPECT_FALSE(Judge(coverage, P("2011-03-08T23+00:00")).partial);
  EXPECT_EQ(Judge(coverage, P("2011-03-08T23+00:00")).expected, 1);
  // Over, but its day is not.
  EXPECT_TRUE(Judge(coverage, P("2011-03-09T05+00:00")).partial);
}

TEST_F(CoverageTest, WithoutBoundsTheWindowsDecide) {
  const Coverage ended(calendar_, {{Start("2010-12-01"), Start("2011-12-10")}}, Start("2026"));
  const PeriodCoverage all = Judge(ended, Period{});
  EXPECT_EQ(all.expected, 374);
  EXPECT_EQ(all.complete, 374);
  EXPECT_FALSE(all.partial);
  const Coverage going(calendar_, {{Start("2010-12-01"), kEndOfTime}}, Start("2010-12-11"));
  EXPECT_EQ(Judge(going, Period{}).complete, 10);
  EXPECT_EQ(Judge(going, Period{}).expected, 10);
  EXPECT_TRUE(Judge(going, Period{}).partial);
}

TEST_F(CoverageTest, DayThatAZoneLeftOutIsNotExpected) {
  const Calendar apia(Zone("Pacific/Apia"));
  const Coverage coverage(apia, {{apia.Parse("2011")->start_us, kEndOfTime}},
                          apia.Parse("2013")->start_us);
  const Period december = *apia.Parse("2011-12");
  const PeriodCoverage covered = coverage.Judge(december, december.start_us, december.end_us);
  EXPECT_EQ(covered.expected, 30);
  EXPECT_EQ(covered.complete, 30);
  EXPECT_FALSE(covered.partial);
}

// Days of March 2011 that a source which closes days has closed, and those it was heard of.
TEST_F(CoverageTest, OfASourceThatClosesItsDaysOnlyCompleteOnesAre) {
  const int64_t first = calendar_.DayOf(Start("2011-03-01"));
  Coverage::Closer closer = {.window = {Start("2011-03-01"), kEndOfTime}};
  for (int64_t day = 0; day < 30; ++day) {
    if (day != 4) closer.complete.push_back(first + day);
    closer.heard.push_back(first + day);
  }
  const auto now = Start("2011-04-02");
  const PeriodCoverage one = Judge(Coverage(calendar_, {}, now, {closer}), P("2011-03"));
  EXPECT_EQ(one.expected, 31);
  EXPECT_EQ(one.complete, 29);
  EXPECT_TRUE(one.partial);
  EXPECT_TRUE(one.reported);
  closer.complete.push_back(first + 4);
  closer.complete.push_back(first + 30);
  const Coverage whole(calendar_, {{Start("2010"), kEndOfTime}}, now, {closer});
  const PeriodCoverage two = Judge(whole, P("2011-03"));
  EXPECT_EQ(two.expected, 62);
  EXPECT_EQ(two.complete, 62);
  EXPECT_FALSE(two.partial);
  EXPECT_EQ(Judge(whole, P("2011-02")).expected, 28);
  // A week's part, an hour of a complete day, and one of a day that is not.
  EXPECT_EQ(Judge(whole, P("2011-W13")).complete, 5 + 4);
  EXPECT_FALSE(Judge(whole, P("2011-03-05T10+00:00")).partial);
  EXPECT_TRUE(Judge(whole, P("2011-04-01T10+01:00")).partial);
}

TEST_F(CoverageTest, ASilentSourceDoesNotReport) {
  const int64_t first = calendar_.DayOf(Start("2011-03-01"));
  const Coverage coverage(calendar_, {}, Start("2011-03-10"),
                          {{.window = {Start("2011-03-01"), kEndOfTime},
                            .complete = {first + 1},
                            .heard = {first + 1, first + 2}}});
  EXPECT_FALSE(Judge(coverage, P("2011-03-01")).reported);
  EXPECT_TRUE(Judge(coverage, P("2011-03-02")).reported);
  EXPECT_FALSE(Judge(coverage, P("2011-03-02")).partial);
  EXPECT_TRUE(Judge(coverage, P("2011-03-03")).reported);
  EXPECT_TRUE(Judge(coverage, P("2011-03-03")).partial);
  EXPECT_FALSE(Judge(coverage, P("2011-03-04")).reported);
  EXPECT_TRUE(Judge(coverage, P("2011-03")).reported);
  EXPECT_EQ(Judge(coverage, Period()).complete, 1);
  EXPECT_EQ(Judge(coverage, Period()).expected, 9);
}

// A day that is not over, or outside the window, is not complete though it was closed.
TEST_F(CoverageTest, DaysThatDoNotCountAreNotComplete) {
  const int64_t first = calendar_.DayOf(Start("2011-03-01"));
  const Coverage coverage(calendar_, {}, Start("2011-03-03") + 1,
                          {{.window = {Start("2011-03-02"), kEndOfTime},
                            .complete = {first, first + 1, first + 2},
                            .heard = {first, first + 1, first + 2}}});
  EXPECT_EQ(Judge(coverage, P("2011-03")).complete, 1);
  EXPECT_FALSE(Judge(coverage, P("2011-03-01")).reported);
}

}  // namespace
}  // namespace tidemark::analytics
