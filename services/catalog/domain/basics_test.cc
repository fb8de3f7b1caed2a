// Dates, names, numbers, texts.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/catalog/domain/date.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

using ::testing::HasSubstr;

TEST(DateTest, KnowsTheCalendar) {
  int days = 0;
  for (int year = 1; year <= 400; ++year) {
    for (int month = 0; month <= 13; ++month) {
      for (int day = 0; day <= 32; ++day) days += IsRealDay({year, month, day}) ? 1 : 0;
    }
  }
  // Days of the 400 years after which the Gregorian calendar repeats.
  EXPECT_EQ(days, 146097);
  EXPECT_FALSE(IsRealDay({0, 1, 1}));
  EXPECT_FALSE(IsRealDay({10000, 1, 1}));
  EXPECT_TRUE(IsRealDay({9999, 12, 31}));
}

// Against days counted one by one; 0 and 5 stand for no start and no end.
TEST(DateTest, CoversAndOverlapAgreeWithTheDaysThemselves) {
  const auto make = [](int start, int end) {
    Validity validity;
    if (start > 0) validity.start = Date{2024, 1, start};
    if (end < 5) validity.end = Date{2024, 1, end};
    return validity;
  };
  const auto holds = [](int start, int end, int day) { return day >= start && day < end; };
  for (int a = 0; a < 5; ++a) {
    for (int b = a + 1; b <= 5; ++b) {
      for (int c = 0; c < 5; ++c) {
        for (int d = c + 1; d <= 5; ++d) {
          bool covers = true;
          bool overlap = false;
          for (int day = 0; day < 5; ++day) {
            if (holds(c, d, day) && !holds(a, b, day)) covers = false;
            if (holds(c, d, day) && holds(a, b, day)) overlap = true;
          }
          EXPECT_EQ(Covers(make(a, b), make(c, d)), covers) << a << b << c << d;
          EXPECT_EQ(Overlap(make(a, b), make(c, d)), overlap) << a << b << c << d;
        }
      }
    }
  }
}

TEST(DecimalTest, AmountsAreExactAtAnyLength) {
  const auto times = [](std::string_view price, uint64_t units) {
    return TextOfProduct(*ParseDecimal(price), units);
  };
  EXPECT_EQ(times("0.25", 3), "0.75");
  EXPECT_EQ(times("12.50", 3), "37.50");
  EXPECT_EQ(times("0.001", 7), "0.007");
  EXPECT_EQ(times("0.10", 0), "0.00");
  EXPECT_EQ(times("0", 9), "0");
  EXPECT_EQ(times("19", 2), "38");
  EXPECT_EQ(times("0.000000000000000001", 1), "0.000000000000000001");
  EXPECT_EQ(times("999999999999999999", 1'000'000'000'000'000'000),
            "999999999999999999000000000000000000");
  // 18446744073709551615 × 9.99999999999999999, worked out elsewhere.
  EXPECT_EQ(times("9.99999999999999999", UINT64_MAX), "184467440737095515965.53255926290448385");
}

TEST(NamesTest, ParsesWellFormedNames) {
  const auto parsed = ParseName("regionGroups/yangtze-delta.27");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->type, Type::kRegionGroup);
  EXPECT_EQ(parsed->id, "yangtze-delta.27");
  for (const char* bad : {"", "regions", "regions/", "/a", "regions/A", "regions/a/b", "places/a",
                          "regions/宁波", "regions/a b"}) {
    EXPECT_FALSE(ParseName(bad).has_value()) << bad;
    EXPECT_NE(NameProblem(bad), "") << bad;
  }
  EXPECT_TRUE(IsValidId(std::string(63, 'a')));
  EXPECT_FALSE(IsValidId(std::string(64, 'a')));
  EXPECT_THAT(NameProblem("region/a"), HasSubstr("regionGroups"));
}

TEST(TextTest, KnowsUtf8) {
  for (const char* good : {"", "a", "é", "宁波", "😀", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\xaf", "\xed\xa0\x80",
                          "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xff", "a\xe5\xae"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(TextTest, QuotesWhatCallersSend) {
  EXPECT_EQ(Quoted("宁波"), "`宁波`");
  EXPECT_EQ(Quoted("a\n"), "`a\\n`");
  EXPECT_EQ(Quoted("\xff"), "`\\xff`");
  const std::string cut = Quoted(absl::StrCat(std::string(99, 'a'), "宁"));
  EXPECT_EQ(cut, absl::StrCat("`", std::string(99, 'a'), "...`"));
}

}  // namespace
}  // namespace tidemark::catalog
