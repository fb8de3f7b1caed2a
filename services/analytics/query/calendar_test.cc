#include "services/analytics/query/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/testing/golden.h"
#include "common/testing/status_matchers.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

Calendar In(const std::string& zone) {
  absl::TimeZone tz;
  EXPECT_TRUE(absl::LoadTimeZone(zone, &tz)) << zone;
  return Calendar(tz);
}

Period Parsed(const Calendar& calendar, const std::string& name) {
  absl::StatusOr<Period> period = calendar.Parse(name);
  EXPECT_TRUE(period.ok()) << period.status();
  return period.ok() ? *period : Period{};
}

std::string YearEarlierName(const Calendar& calendar, const std::string& name) {
  const std::optional<Period> base = calendar.YearEarlier(Parsed(calendar, name));
  return base ? calendar.Name(*base) : "none";
}

std::vector<std::string> Names(const Calendar& calendar, Grain grain, const std::string& first,
                               const std::string& last) {
  const auto periods = calendar.Cover(grain, Parsed(calendar, first).start_us,
                                      Parsed(calendar, last).end_us, 100000);
  EXPECT_TRUE(periods.ok()) << periods.status();
  std::vector<std::string> names;
  for (const Period& period : *periods) names.push_back(calendar.Name(period));
  return names;
}

TEST(CalendarTest, AgreesWithPythonsZoneinfo) {
  std::ifstream file(tidemark::testing::RepositoryPath("tests/data/calendar_periods.tsv"));
  std::map<std::string, Grain> grains;
  for (int g = 1; g <= 7; ++g) grains[std::string(GrainName(Grain(g)))] = Grain(g);
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const std::vector<std::string> field = absl::StrSplit(line, '\t');
    ASSERT_EQ(field.size(), 6u) << line;
    int64_t time, start, end;
    ASSERT_TRUE(absl::SimpleAtoi(field[1], &time) && absl::SimpleAtoi(field[4], &start) &&
                absl::SimpleAtoi(field[5], &end));
    const Calendar calendar = In(field[0]);
    const Period period = calendar.At(grains.at(field[2]), time * 1000000 + 999999);
    EXPECT_EQ(calendar.Name(period), field[3]) << line;
    EXPECT_EQ(period.start_us, start * 1000000) << line;
    EXPECT_EQ(period.end_us, end * 1000000) << line;
    EXPECT_EQ(Parsed(calendar, field[3]), period) << line;
  }
  EXPECT_GT(lines, 3000);
}

TEST(CalendarTest, WeeksOfTheYearFollowIso8601) {
  // The years of 1990-2030 with 53 weeks, from the published tables.
  const std::vector<int> long_years = {1992, 1998, 2004, 2009, 2015, 2020, 2026};
  for (int year = 1990; year <= 2030; ++year) {
    const bool is_long = std::find(long_years.begin(), long_years.end(), year) != long_years.end();
    EXPECT_EQ(WeeksOfIsoYear(year), is_long ? 53 : 52) << year;
  }
  const Calendar calendar = In("Asia/Shanghai");
  // The examples of the ISO 8601 article: the week's year is not always the day's year.
  const std::map<std::string, std::string> examples = {
      {"1977-01-01", "1976-W53"}, {"1977-01-02", "1976-W53"}, {"1977-12-31", "1977-W52"},
      {"1978-01-01", "1977-W52"}, {"1978-01-02", "1978-W01"}, {"1978-12-31", "1978-W52"},
      {"1979-01-01", "1979-W01"}, {"1979-12-30", "1979-W52"}, {"1979-12-31", "1980-W01"},
      {"1980-12-28", "1980-W52"}, {"1980-12-29", "1981-W01"}, {"1981-12-31", "1981-W53"},
      {"1982-01-03", "1981-W53"}, {"2008-12-29", "2009-W01"}, {"2010-01-03", "2009-W53"}};
  for (const auto& [day, week] : examples) {
    EXPECT_EQ(calendar.Name(calendar.At(Grain::kWeek, Parsed(calendar, day).start_us)), week);
  }
}

TEST(CalendarTest, RepeatedHourIsTwoPeriodsAndTheSkippedOneNone) {
  const Calendar london = In("Europe/London");
  EXPECT_THAT(Names(london, Grain::kHour, "2024-10-27T00+01:00", "2024-10-27T02+00:00"),
              ElementsAre("2024-10-27T00+01:00", "2024-10-27T01+01:00", "2024-10-27T01+00:00",
                          "2024-10-27T02+00:00"));
  EXPECT_THAT(Names(london, Grain::kHour, "2024-03-31T00+00:00", "2024-03-31T03+01:00"),
              ElementsAre("2024-03-31T00+00:00", "2024-03-31T02+01:00", "2024-03-31T03+01:00"));
  EXPECT_THAT(london.Parse("2024-03-31T01+01:00"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("does not show")));
  EXPECT_EQ(Names(london, Grain::kHour, "2024-03-31", "2024-03-31").size(), 23u);
  EXPECT_EQ(Names(london, Grain::kHour, "2024-10-27", "2024-10-27").size(), 25u);
}

TEST(CalendarTest, PreviousAndNextMeet) {
  for (const char* zone : {"Europe/London", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu",
                           "Australia/Lord_Howe", "America/St_Johns"}) {
    const Calendar calendar = In(zone);
    for (int g = 1; g <= 7; ++g) {
      const int64_t begin = Parsed(calendar, "2009-01-01").start_us;
      Period period = calendar.At(Grain(g), begin);
      for (int i = 0; i < 300; ++i) {
        const Period next = calendar.Next(period);
        ASSERT_LT(period.start_us, period.end_us);
        ASSERT_EQ(period.end_us, next.start_us) << zone << " " << calendar.Name(period);
        ASSERT_EQ(calendar.Previous(next), period) << zone << " " << calendar.Name(period);
        period = next;
      }
    }
  }
}

TEST(CalendarTest, DayLeftOutByTheZoneDoesNotExist) {
  const Calendar apia = In("Pacific/Apia");
  EXPECT_THAT(Names(apia, Grain::kDay, "2011-12-28", "2012-01-01"),
              ElementsAre("2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"));
  EXPECT_THAT(apia.Parse("2011-12-30"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("left that day out")));
  EXPECT_EQ(YearEarlierName(apia, "2012-12-30"), "none");
  EXPECT_EQ(YearEarlierName(apia, "2012-12-31"), "2011-12-31");
  EXPECT_EQ(apia.Name(apia.Previous(Parsed(apia, "2011-12-31"))), "2011-12-29");
  EXPECT_THAT(apia.MissingDays(), ElementsAre(apia.DayOf(Parsed(apia, "2011-12-31").start_us) - 1));
  EXPECT_THAT(In("Europe/London").MissingDays(), ElementsAre());
  EXPECT_EQ(In("Pacific/Kiritimati").MissingDays().size(), 1u);
}

TEST(CalendarTest, YearEarlierOfEachGrain) {
  const Calendar shanghai = In("Asia/Shanghai");
  EXPECT_EQ(YearEarlierName(shanghai, "2024"), "2023");
  EXPECT_EQ(YearEarlierName(shanghai, "2024-H2"), "2023-H2");
  EXPECT_EQ(YearEarlierName(shanghai, "2024-Q1"), "2023-Q1");
  EXPECT_EQ(shanghai.YearEarlier(Parsed(shanghai, "2025-01..02")), Parsed(shanghai, "2024-01..02"));
  EXPECT_EQ(shanghai.YearEarlier(Parsed(shanghai, "2024-01..02")), Parsed(shanghai, "2023-01..02"));
  EXPECT_EQ(shanghai.YearEarlier(Parsed(shanghai, "2024-07..12")), Parsed(shanghai, "2023-07..12"));
  EXPECT_EQ(shanghai.YearEarlier(Parsed(shanghai, "2024-Q1..Q3")), Parsed(shanghai, "2023-Q1..Q3"));
  EXPECT_EQ(shanghai.YearEarlier({}), std::nullopt);
  EXPECT_EQ(YearEarlierName(shanghai, "2024-01"), "2023-01");
  EXPECT_EQ(YearEarlierName(shanghai, "2024-02-28"), "2023-02-28");
  EXPECT_EQ(YearEarlierName(shanghai, "2024-02-29"), "none");
  EXPECT_EQ(YearEarlierName(shanghai, "2024-02-29T05+08:00"), "none");
  EXPECT_EQ(YearEarlierName(shanghai, "2024-03-01"), "2023-03-01");
  EXPECT_EQ(YearEarlierName(shanghai, "2021-W01"), "2020-W01");
  EXPECT_EQ(YearEarlierName(shanghai, "2020-W53"), "2019-W52");
  EXPECT_EQ(YearEarlierName(shanghai, "2021-W52"), "2020-W52");
  EXPECT_TRUE(shanghai.IsWeek53(Parsed(shanghai, "2020-W53")));
  EXPECT_FALSE(shanghai.IsWeek53(Parsed(shanghai, "2020-W52")));
  EXPECT_FALSE(shanghai.IsWeek53(Parsed(shanghai, "2021-W01")));
}

TEST(CalendarTest, YearEarlierOfHoursKeepsClockHourAndOffsetWhereItCan) {
  const Calendar london = In("Europe/London");
  EXPECT_EQ(YearEarlierName(london, "2024-06-01T10+01:00"), "2023-06-01T10+01:00");
  // 29 October 2023 repeats 01:00; 2024 and 2022 have that hour once on the date.
  EXPECT_EQ(YearEarlierName(london, "2023-10-29T01+00:00"), "2022-10-29T01+01:00");
  EXPECT_EQ(YearEarlierName(london, "2024-10-29T01+00:00"), "2023-10-29T01+00:00");
  // The hour skipped on 26 March 2023.
  EXPECT_EQ(YearEarlierName(london, "2024-03-26T01+00:00"), "none");
  EXPECT_EQ(YearEarlierName(london, "2024-03-27T01+00:00"), "2023-03-27T01+01:00");
}

TEST(CalendarTest, CumulativeNamesSpanTheirParts) {
  const Calendar shanghai = In("Asia/Shanghai");
  const Period months = Parsed(shanghai, "2024-01..02");
  EXPECT_EQ(months.grain, Grain::kAll);
  EXPECT_EQ(months.start_us, Parsed(shanghai, "2024-01").start_us);
  EXPECT_EQ(months.end_us, Parsed(shanghai, "2024-02-29").end_us);
  const Period quarters = Parsed(shanghai, "2024-Q1..Q3");
  EXPECT_EQ(quarters.start_us, Parsed(shanghai, "2024-01").start_us);
  EXPECT_EQ(quarters.end_us, Parsed(shanghai, "2024-09").end_us);
  EXPECT_EQ(Parsed(shanghai, "2024-01..12").end_us, Parsed(shanghai, "2024").end_us);
}

TEST(CalendarTest, RefusesWhatIsNoPeriod) {
  const Calendar shanghai = In("Asia/Shanghai");
  for (const char* name : {"",
                           "24",
                           "2024-",
                           "2024-13",
                           "2024-00",
                           "2024-Q5",
                           "2024-Q0",
                           "2024-H3",
                           "2024-HQ1",
                           "2024-QW09",
                           "2024-HW09",
                           "2023-W53",
                           "2024-W00",
                           "2024-W9",
                           "2023-02-29",
                           "2024-2-1",
                           "2024-04-31",
                           "0000",
                           "0000-01-01",
                           "2024-02..01",
                           "2024-02..02",
                           "2024-01..13",
                           "2024-Q1..4",
                           "2024-W01..02",
                           "2024-H1..H2",
                           "2024-01-01T24+08:00",
                           "2024-01-01T01",
                           "2024-01-01T01+09:00",
                           "2024-01-01T1+08:00",
                           "2024-01-01 ",
                           " 2024",
                           "2024-01-01T01:00+08:00",
                           "２０２４"}) {
    EXPECT_THAT(shanghai.Parse(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
  }
}

TEST(CalendarTest, EveryNameFromYear1To9999ComesBack) {
  const Calendar utc = In("UTC");
  for (const char* name : {"0001", "9999", "9999-12-31", "0001-01-01", "9999-W52", "9999-12"}) {
    EXPECT_EQ(utc.Name(Parsed(utc, name)), name);
  }
  EXPECT_EQ(utc.At(Grain::kDay, kEndOfTime).grain, Grain::kDay);
  EXPECT_EQ(utc.At(Grain::kDay, kBeginningOfTime).grain, Grain::kDay);
}

TEST(CalendarTest, TwoPeriodsAreToldFromACumulativeOne) {
  const Calendar utc = In("UTC");
  for (const char* name : {"2024-01..2024-06", "2023..2024", "2024-Q1..2024-Q3"}) {
    EXPECT_THAT(utc.Parse(name),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("are two periods")))
        << name;
  }
  EXPECT_THAT(utc.Parse("2024-01..2024-06"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("`from 2024-01 to 2024-06`")));
  EXPECT_THAT(utc.Parse("2024-01..x"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not the name of a period")));
}

TEST(CalendarTest, CoverStopsAtTheLimit) {
  const Calendar utc = In("UTC");
  const Period year = Parsed(utc, "2024");
  EXPECT_EQ(utc.Cover(Grain::kDay, year.start_us, year.end_us, 366)->size(), 366u);
  EXPECT_THAT(utc.Cover(Grain::kDay, year.start_us, year.end_us, 365),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("narrow the range")));
  EXPECT_TRUE(utc.Cover(Grain::kDay, 5, 5, 10)->empty());
  EXPECT_EQ(utc.Cover(Grain::kAll, 5, 6, 10)->size(), 1u);
}

}  // namespace
}  // namespace tidemark::analytics
