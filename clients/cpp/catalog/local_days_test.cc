#include "clients/cpp/catalog/local_days.h"

#include <gtest/gtest.h>

namespace tidemark::catalog_client {
namespace {

TEST(LocalDaysTest, EveryTimeIsOfTheDayWhoseFirstInstantIsTheLastBeforeIt) {
  for (const char* name : {"UTC", "Asia/Shanghai", "America/Sao_Paulo", "Pacific/Apia",
                           "America/St_Johns", "Asia/Kathmandu"}) {
    SCOPED_TRACE(name);
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
    LocalDays days(zone);
    // From 2005 to 2021 in steps of 25 minutes and a bit.
    int32_t last = 0;
    for (int64_t t = 1'104'500'000'000'000; t < 1'610'000'000'000'000; t += 1'501'234'567) {
      const int32_t day = days.DayOf(t);
      ASSERT_LE(days.StartOf(day), t);
      ASSERT_GT(days.StartOf(day + 1), t);
      ASSERT_GE(day, last);
      last = day;
    }
  }
}

TEST(LocalDaysTest, DayNumbersAreOfTheGregorianCalendar) {
  EXPECT_EQ(DayNumber(1970, 1, 1), 0);
  EXPECT_EQ(DayNumber(2024, 2, 29), 19782);
  EXPECT_EQ(DayNumber(1969, 12, 31), -1);
  EXPECT_EQ(DayNumber(2023, 2, 29), std::nullopt);
  EXPECT_EQ(DayNumber(2023, 0, 1), std::nullopt);
  EXPECT_EQ(DayNumber(10000, 1, 1), std::nullopt);
}

}  // namespace
}  // namespace tidemark::catalog_client
