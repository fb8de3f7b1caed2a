#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "clients/cli/import/local_time.h"
#include "clients/cli/import/time_format.h"

namespace tidemark::importer {
namespace {

// "2024-03-05 06:07:08.000009+3600", or "none".
std::string Read(const std::string& format, std::string_view text) {
  const auto compiled = TimeFormat::Compile(format);
  if (!compiled.ok()) return compiled.status().ToString();
  const std::optional<ParsedTime> time = compiled->Parse(text);
  if (!time.has_value()) return "none";
  if (time->instant_us.has_value()) return absl::StrCat("us ", *time->instant_us);
  std::string result = absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d", time->year, time->month,
                                       time->day, time->hour, time->minute, time->second);
  if (time->micros != 0) absl::StrAppendFormat(&result, ".%06d", time->micros);
  if (time->offset_seconds.has_value())
    absl::StrAppendFormat(&result, "%+d", *time->offset_seconds);
  return result;
}

TEST(TimeFormatTest, ReadsEveryCode) {
  EXPECT_EQ(Read("%Y-%m-%d %H:%M:%S", "2010-12-01 08:26:00"), "2010-12-01 08:26:00");
  EXPECT_EQ(Read("%m/%d/%Y", "10/1/1999"), "1999-10-01 00:00:00");
  EXPECT_EQ(Read("%d.%m.%y %H:%M", "31.12.68 23:59"), "2068-12-31 23:59:00");
  EXPECT_EQ(Read("%d.%m.%y", "01.01.69"), "1969-01-01 00:00:00");
  EXPECT_EQ(Read("%Y%m%d%H%M%S", "20240229123456"), "2024-02-29 12:34:56");
  EXPECT_EQ(Read("%Y年%m月%d日", "2024年3月5日"), "2024-03-05 00:00:00");
  EXPECT_EQ(Read("%e %B %Y", " 5 March 2024"), "2024-03-05 00:00:00");
  EXPECT_EQ(Read("%b %d, %Y %I:%M %p", "Dec 1, 2010 12:05 AM"), "2010-12-01 00:05:00");
  EXPECT_EQ(Read("%b %d, %Y %I:%M %p", "dec 1, 2010 12:05 pm"), "2010-12-01 12:05:00");
  EXPECT_EQ(Read("%a, %d %b %Y %H:%M:%S %z", "Wed, 01 Dec 2010 08:26:00 +0800"),
            "2010-12-01 08:26:00+28800");
  EXPECT_EQ(Read("%Y-%m-%dT%H:%M:%S.%f%z", "2024-03-05T06:07:08.1234567-03:30"),
            "2024-03-05 06:07:08.123456-12600");
  EXPECT_EQ(Read("%Y-%j", "2024-366"), "2024-12-31 00:00:00");
  EXPECT_EQ(Read("%Y-%m-%d 100%%", "2024-01-01 100%"), "2024-01-01 00:00:00");
  EXPECT_EQ(Read("%Y-%m-%d %H:%M:%S", "2016-12-31 23:59:60"), "2016-12-31 23:59:59");
}

TEST(TimeFormatTest, RefusesWhatDoesNotFit) {
  const std::string format = "%Y-%m-%d %H:%M:%S";
  for (const char* text :
       {"", "2010-12-01", "2010-12-01 08:26:00x", "2010-13-01 00:00:00", "2010-00-01 00:00:00",
        "2010-02-29 00:00:00", "2010-02-30 00:00:00", "2010-12-01 24:00:00", "2010-12-01 23:60:00",
        "0000-01-01 00:00:00", "2010-12-01 08:26:61", "two", "２０１０-12-01 08:26:00"}) {
    EXPECT_EQ(Read(format, text), "none") << text;
  }
  EXPECT_EQ(Read("%Y-%j", "2023-366"), "none");
  EXPECT_EQ(Read("%Y-%m-%d %I %p", "2024-01-01 13 PM"), "none");
  EXPECT_EQ(Read("%Y-%m-%d %I %p", "2024-01-01 0 AM"), "none");
}

TEST(TimeFormatTest, ReadsIso8601InItsVariants) {
  EXPECT_EQ(Read("iso8601", "2024-03-05"), "2024-03-05 00:00:00");
  EXPECT_EQ(Read("iso8601", "2024-03-05 06:07"), "2024-03-05 06:07:00");
  EXPECT_EQ(Read("iso8601", "2024-03-05T06:07:08Z"), "2024-03-05 06:07:08+0");
  EXPECT_EQ(Read("iso8601", "2024-03-05T06:07:08,5+08"), "2024-03-05 06:07:08.500000+28800");
  EXPECT_EQ(Read("iso8601", "20240305T060708Z"), "2024-03-05 06:07:08+0");
  EXPECT_EQ(Read("iso8601", "2024-03-05T06"), "none");
  EXPECT_EQ(Read("iso8601", "05/03/2024"), "none");
}

TEST(TimeFormatTest, AYearHasFourDigits) {
  EXPECT_EQ(Read("%d/%m/%Y", "03/01/12"), "none");
  EXPECT_EQ(Read("%Y-%m-%d", "212-01-03"), "none");
  EXPECT_EQ(Read("%Y-%m-%d", "0012-01-03"), "0012-01-03 00:00:00");
}

TEST(TimeFormatTest, ReadsHalvesOfTheDayInChinese) {
  EXPECT_EQ(Read("%Y年%m月%d日 %p%I时%M分", "2012年1月3日 上午12时05分"), "2012-01-03 00:05:00");
  EXPECT_EQ(Read("%Y年%m月%d日 %p%I:%M", "2012年1月3日 下午8:05"), "2012-01-03 20:05:00");
  EXPECT_EQ(Read("%Y-%m-%d %p%I", "2012-01-03 中午8"), "none");
}

TEST(TimeFormatTest, ReadsSpreadsheetDays) {
  EXPECT_EQ(Read("excel", "40513"), "2010-12-01 00:00:00");
  EXPECT_EQ(Read("excel", "40513.3513888889"), "2010-12-01 08:26:00");
  EXPECT_EQ(Read("excel", "40513.99999"), "2010-12-01 23:59:59.136000");
  // What rounds up to midnight is the next day.
  EXPECT_EQ(Read("excel", "40513.999999999"), "2010-12-02 00:00:00");
  EXPECT_EQ(Read("excel", "61"), "1900-03-01 00:00:00");
  EXPECT_EQ(Read("excel", "2958465.5"), "9999-12-31 12:00:00");
  for (const char* text : {"60", "-1", "2958466", "1e30", "2010-12-01", ""}) {
    EXPECT_EQ(Read("excel", text), "none") << text;
  }
}

TEST(TimeFormatTest, ReadsUnixTimes) {
  EXPECT_EQ(Read("unix_seconds", "1291191960"), "us 1291191960000000");
  EXPECT_EQ(Read("unix_seconds", "1291191960.1234567"), "us 1291191960123456");
  EXPECT_EQ(Read("unix_millis", "1291191960123"), "us 1291191960123000");
  EXPECT_EQ(Read("unix_micros", "-1"), "us -1");
  EXPECT_EQ(Read("unix_seconds", "99999999999999999999"), "none");
  EXPECT_EQ(Read("unix_seconds", "soon"), "none");
}

TEST(TimeFormatTest, CompileNamesWhatIsWrong) {
  EXPECT_NE(Read("%Y-%m-%q", "x").find("`%q`"), std::string::npos);
  EXPECT_NE(Read("%H:%M", "x").find("want a year"), std::string::npos);
  EXPECT_NE(Read("%Y-%m-%d%", "x").find("is not known"), std::string::npos);
}

constexpr LocalTime::Gap kReject = LocalTime::Gap::kReject;
constexpr LocalTime::Gap kShift = LocalTime::Gap::kShift;
constexpr LocalTime::Overlap kEarlier = LocalTime::Overlap::kEarlier;
constexpr LocalTime::Overlap kLater = LocalTime::Overlap::kLater;

class LocalTimeTest : public ::testing::Test {
 protected:
  // RFC 3339 in UTC, or "gap".
  std::string Utc(LocalTime& local, std::string_view text) {
    const auto format = TimeFormat::Compile("iso8601");
    int64_t micros = 0;
    if (!local.ToMicros(*format->Parse(text), &micros)) return "gap";
    return absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixMicros(micros), absl::UTCTimeZone());
  }
  static absl::TimeZone Zone(const char* name) {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
    return zone;
  }
};

TEST_F(LocalTimeTest, ZoneOffsetsAndCacheAgree) {
  LocalTime london(Zone("Europe/London"), kReject, kEarlier);
  EXPECT_EQ(Utc(london, "2010-12-01 08:26:00"), "2010-12-01T08:26:00");
  EXPECT_EQ(Utc(london, "2011-07-01 00:00:00"), "2011-06-30T23:00:00");
  EXPECT_EQ(Utc(london, "2011-07-01 23:59:59"), "2011-07-01T22:59:59");
  EXPECT_EQ(Utc(london, "2010-12-01 08:26:00"), "2010-12-01T08:26:00");
  EXPECT_EQ(Utc(london, "2011-07-01 08:00:00+08:00"), "2011-07-01T00:00:00");
}

// 2011-03-27: 01:00 to 02:00 is skipped in London. 2011-10-30: 01:00 to 02:00 comes twice.
TEST_F(LocalTimeTest, GapsAndOverlaps) {
  LocalTime strict(Zone("Europe/London"), kReject, kEarlier);
  EXPECT_EQ(Utc(strict, "2011-03-27 00:59:59"), "2011-03-27T00:59:59");
  EXPECT_EQ(Utc(strict, "2011-03-27 01:30:00"), "gap");
  EXPECT_EQ(Utc(strict, "2011-03-27 02:00:00"), "2011-03-27T01:00:00");
  EXPECT_EQ(Utc(strict, "2011-10-30 01:30:00"), "2011-10-30T00:30:00");
  LocalTime lenient(Zone("Europe/London"), kShift, kLater);
  EXPECT_EQ(Utc(lenient, "2011-03-27 01:30:00"), "2011-03-27T01:30:00");
  EXPECT_EQ(Utc(lenient, "2011-10-30 01:30:00"), "2011-10-30T01:30:00");
  EXPECT_EQ(Utc(lenient, "2011-10-30 00:30:00"), "2011-10-29T23:30:00");
}

// Samoa skipped 2011-12-30 as a whole; Brazil's clocks changed at midnight.
TEST_F(LocalTimeTest, OddDays) {
  LocalTime samoa(Zone("Pacific/Apia"), kReject, kEarlier);
  EXPECT_EQ(Utc(samoa, "2011-12-29 12:00:00"), "2011-12-29T22:00:00");
  EXPECT_EQ(Utc(samoa, "2011-12-30 12:00:00"), "gap");
  EXPECT_EQ(Utc(samoa, "2011-12-31 12:00:00"), "2011-12-30T22:00:00");
  LocalTime brazil(Zone("America/Sao_Paulo"), kReject, kEarlier);
  EXPECT_EQ(Utc(brazil, "2017-10-14 23:30:00"), "2017-10-15T02:30:00");
  EXPECT_EQ(Utc(brazil, "2017-10-15 00:30:00"), "gap");
  EXPECT_EQ(Utc(brazil, "2017-10-15 01:00:00"), "2017-10-15T03:00:00");
}

// Every quarter of an hour of two years against absl's own conversion, in an order that makes
// the cache of days work.
TEST_F(LocalTimeTest, EqualsAbslOnEveryQuarterOfAnHour) {
  for (const char* name : {"Europe/London", "America/Sao_Paulo", "Asia/Shanghai"}) {
    const absl::TimeZone zone = Zone(name);
    LocalTime local(zone, kShift, kEarlier);
    absl::CivilMinute at(2016, 12, 31);
    for (int i = 0; i < 2 * 366 * 96; ++i, at += 15) {
      const ParsedTime time{.year = static_cast<int>(at.year()),
                            .month = at.month(),
                            .day = at.day(),
                            .hour = at.hour(),
                            .minute = at.minute()};
      int64_t micros = 0;
      ASSERT_TRUE(local.ToMicros(time, &micros));
      ASSERT_EQ(micros, absl::ToUnixMicros(zone.At(absl::CivilSecond(at)).pre)) << name << at;
    }
  }
}

}  // namespace
}  // namespace tidemark::importer
