#include "services/ingest/domain/control_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/status/error.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ingest {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;

class ControlTotalsTest : public ::testing::Test {
 protected:
  ControlTotalsTest() {
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2024, 1, 1});
    catalog.Source("shop");
    auto& windowed = catalog.Source("windowed");
    catalog_client::SetDate({2024, 2, 1}, windowed.mutable_reports()->mutable_start());
    catalog_client::SetDate({2024, 3, 1}, windowed.mutable_reports()->mutable_end());
    catalog.Source("other");
    view_ = catalog.View();
    // 2024-06-30T20:00Z: 1 July in Shanghai.
    now_us_ =
        absl::ToUnixMicros(absl::FromCivil(absl::CivilHour(2024, 6, 30, 20), absl::UTCTimeZone()));
  }

  static SentTotals Day(int year, int month, int day, std::string_view source = "shop") {
    return {.source = source,
            .year = year,
            .month = month,
            .day = day,
            .events = 3,
            .gross = 500,
            .refunds = 20};
  }
  absl::StatusOr<std::vector<ledger::SourceDay>> Check(const std::vector<SentTotals>& totals) {
    return CheckControlTotals(
        totals, {.view = view_.get(), .now_us = now_us_, .may_use_source = [](std::string_view s) {
                   return s != "other" && s != "hidden";
                 }});
  }

  std::shared_ptr<const catalog_client::CatalogView> view_;
  int64_t now_us_ = 0;
};

TEST_F(ControlTotalsTest, GoodTotalsBecomeRecords) {
  ASSERT_OK_AND_ASSIGN(const auto days,
                       Check({Day(2024, 1, 1), Day(2024, 7, 1), Day(2024, 2, 29, "windowed")}));
  ASSERT_EQ(days.size(), 3u);
  EXPECT_EQ(days[0].source, "shop");
  EXPECT_EQ(days[0].day, 19723);
  EXPECT_EQ(days[0].events, 3u);
  EXPECT_EQ(days[0].gross, 500);
  EXPECT_EQ(days[0].refunds, 20);
  EXPECT_EQ(days[1].day, 19723 + 182);
}

TEST_F(ControlTotalsTest, EachFaultNamesTheEntryAndTheField) {
  struct Case {
    std::function<void(SentTotals&)> change;
    std::string field;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {[](SentTotals& t) { t.source = ""; }, "source", "FIELD_REQUIRED"},
      {[](SentTotals& t) { t.source = "shoop"; }, "source", "UNKNOWN_SOURCE"},
      {[](SentTotals& t) { t.month = 13; }, "day", "INVALID_DATE"},
      {[](SentTotals& t) { t.month = 2, t.day = 30; }, "day", "INVALID_DATE"},
      {[](SentTotals& t) { t.year = 0; }, "day", "INVALID_DATE"},
      {[](SentTotals& t) { t.month = 7, t.day = 2; }, "day", "TIME_IN_FUTURE"},
      {[](SentTotals& t) { t.year = 2023, t.month = 12, t.day = 31; }, "day",
       "BEFORE_OBSERVATORY_START"},
      {[](SentTotals& t) { t.source = "windowed", t.month = 3, t.day = 1; }, "day",
       "OUTSIDE_REPORTING_WINDOW"},
      {[](SentTotals& t) { t.gross = -1; }, "gross", "OUT_OF_RANGE"},
      {[](SentTotals& t) { t.refunds = -1; }, "refunds", "OUT_OF_RANGE"},
      {[](SentTotals& t) { t.events = 0; }, "gross", "OUT_OF_RANGE"},
      {[](SentTotals& t) { t.events = UINT64_MAX; }, "events", "OUT_OF_RANGE"},
      {[](SentTotals& t) { t.day = 4; }, "day", "DUPLICATE_ENTRY"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.field + " " + c.reason);
    std::vector<SentTotals> totals = {Day(2024, 5, 4), Day(2024, 5, 5)};
    c.change(totals[1]);
    const auto checked = Check(totals);
    EXPECT_TRUE(absl::IsInvalidArgument(checked.status()));
    EXPECT_THAT(checked, ReasonIs(c.reason));
    EXPECT_EQ(status::FieldOf(checked.status()), "totals[1]." + c.field);
  }
}

TEST_F(ControlTotalsTest, ScopeComesBeforeTheCatalog) {
  for (const std::string_view source : {"other", "hidden"}) {
    const auto checked = Check({Day(2024, 5, 4, source)});
    EXPECT_TRUE(absl::IsPermissionDenied(checked.status()));
    EXPECT_THAT(checked, ReasonIs("SOURCE_NOT_ALLOWED"));
  }
}

TEST_F(ControlTotalsTest, TheNumberOfEntriesIsBounded) {
  EXPECT_THAT(Check({}), ReasonIs("OUT_OF_RANGE"));
  EXPECT_THAT(Check(std::vector<SentTotals>(kMaxControlTotals + 1, Day(2024, 5, 4))),
              ReasonIs("OUT_OF_RANGE"));
}

}  // namespace
}  // namespace tidemark::ingest
