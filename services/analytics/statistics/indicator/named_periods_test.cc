#include "services/analytics/statistics/indicator/named_periods.h"

#include "clients/cpp/catalog/period_text.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

class NamedPeriodsTest : public ::testing::Test {
 protected:
  NamedPeriodsTest() {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &zone));
    calendar_ = std::make_unique<Calendar>(zone);
  }
  Period Of(const std::string& name) const {
    return PeriodOf(*calendar_, *catalog_client::ParsePeriod(name));
  }
  std::string Name(const std::optional<Period>& period) const {
    return period ? PeriodName(*calendar_, *period) : "none";
  }

  std::unique_ptr<Calendar> calendar_;
};

TEST_F(NamedPeriodsTest, PeriodsOfTheCatalogKeepTheirNames) {
  for (const char* name : {"2024", "2024-H1", "2024-Q3", "2024-03", "2024-W09", "2024-03-05",
                           "2013-Q1..Q3", "2024-01..02", "2013..2022", "2023-11..2024-02"}) {
    EXPECT_EQ(Name(Of(name)), name);
    EXPECT_EQ(DaysOf(*calendar_, Of(name)), DaysOf(*catalog_client::ParsePeriod(name)));
  }
  // Named by the longest grain, as the catalog does.
  EXPECT_EQ(Name(Of("2024-01..06")), "2024-H1");
  EXPECT_EQ(Name(Of("2024-01-01..05")), "2024-01-01..2024-01-05");
}

TEST_F(NamedPeriodsTest, YearsBefore) {
  EXPECT_EQ(Name(YearsBefore(*calendar_, Of("2013-Q1..Q3"), 1)), "2012-Q1..Q3");
  EXPECT_EQ(Name(YearsBefore(*calendar_, Of("2024-02-29"), 1)), "none");
  EXPECT_EQ(Name(YearsBefore(*calendar_, Of("2024-03"), 10)), "2014-03");
  EXPECT_EQ(Name(YearsBefore(*calendar_, Of("2024-01-03..05"), 1)), "none");
  EXPECT_EQ(Name(PeriodBefore(*calendar_, Of("2024-Q1"))), "2023-Q4");
  EXPECT_EQ(Name(PeriodBefore(*calendar_, Of("2024-01..02"))), "none");
}

TEST_F(NamedPeriodsTest, YearToDateRunsFromTheFiscalStart) {
  const auto of = [this](const char* name, int month) {
    return Name(YearToDate(*calendar_, month, Of(name)));
  };
  EXPECT_EQ(of("2024-01", 1), "2024-01");
  EXPECT_EQ(of("2024-05", 1), "2024-01..05");
  EXPECT_EQ(of("2024-Q2", 1), "2024-H1");
  EXPECT_EQ(of("2024-02", 4), "2023-04..2024-02");
  EXPECT_EQ(of("2024-04", 4), "2024-04");
  EXPECT_EQ(of("2024-H1", 1), "2024-H1");
  EXPECT_EQ(of("2024", 1), "2024");
  EXPECT_EQ(of("2024", 4), "none");  // one starts inside
  EXPECT_EQ(of("2024-Q1", 2), "none");
  EXPECT_EQ(of("2024-W09", 1), "none");
  EXPECT_EQ(of("2024-03-05", 1), "none");
}

TEST_F(NamedPeriodsTest, WhatIsLikeWhat) {
  EXPECT_TRUE(IsSameKind(*calendar_, Of("2024-03"), Of("2020-11")));
  EXPECT_FALSE(IsSameKind(*calendar_, Of("2024-03"), Of("2020")));
  EXPECT_TRUE(IsSameKind(*calendar_, Of("2024-01..02"), Of("2020-01..02")));
  EXPECT_FALSE(IsSameKind(*calendar_, Of("2024-01..02"), Of("2020-01..03")));
  EXPECT_FALSE(IsSameKind(*calendar_, Of("2024-01..02"), Of("2020-02..03")));
  EXPECT_TRUE(IsWholeYears(*calendar_, Of("2013..2022")));
  EXPECT_FALSE(IsWholeYears(*calendar_, Of("2024-Q1..Q3")));
  EXPECT_TRUE(HoldsOne(*calendar_, Of("2024-02..04"), Grain::kMonth));
  EXPECT_FALSE(HoldsOne(*calendar_, Of("2024-02..04"), Grain::kQuarter));
  EXPECT_TRUE(HoldsOne(*calendar_, Of("2024-03"), Grain::kWeek));
  EXPECT_FALSE(HoldsOne(*calendar_, Of("2024-W09"), Grain::kMonth));
}

}  // namespace
}  // namespace tidemark::analytics
