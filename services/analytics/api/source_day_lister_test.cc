#include <algorithm>
#include <string>

#include "services/analytics/api/service_fixture_test.h"
#include "services/analytics/testing/naive_calendar.h"

namespace tidemark::analytics {
namespace {

class SourceDayListerTest : public AnalyticsServiceTest {
 protected:
  absl::StatusOr<v1::ListSourceDaysResponse> List(const std::string& text) {
    grpc::ClientContext context;
    v1::ListSourceDaysResponse response;
    const grpc::Status status =
        stub_->ListSourceDays(&context, ParseText<v1::ListSourceDaysRequest>(text), &response);
    if (!status.ok()) return status::FromGrpcStatus(status);
    return response;
  }
  static std::string Text(const char* field, testing::NaiveDate date) {
    return absl::StrCat(field, " { year: ", date.year, " month: ", date.month, " day: ", date.day,
                        " } ");
  }

  const testing::NaiveCalendar calendar_{"Asia/Shanghai"};
};

// The world's sources close no days: they are complete where they are over.
TEST_F(SourceDayListerTest, SaysWhatStandsOfEveryDay) {
  const int64_t first = testing::DayNumber(world_.observatory_start);
  for (const uint64_t size : {world_.log_size(), world_.log_size() / 2}) {
    ASSERT_OK_AND_ASSIGN(const v1::ListSourceDaysResponse listed,
                         List("source: 'shop-a' " + Text("first", testing::DateOf(first)) +
                              Text("last", testing::DateOf(first + 2'000)) +
                              absl::StrCat("as_of { log_size: ", size, " }")));
    EXPECT_EQ(listed.snapshot().log_size(), size);
    const int64_t today = calendar_.DayAt(world_.NowAt(size));
    // The window ends after 900 days.
    const int64_t days = std::min<int64_t>(900, today + 1 - first);
    ASSERT_EQ(listed.source_days_size(), days);
    int64_t events = 0;
    for (int64_t day = first; day < first + days; ++day) {
      const v1::SourceDay& got = listed.source_days(static_cast<int>(day - first));
      uint64_t want_events = 0;
      int64_t want_gross = 0, want_refunds = 0;
      for (const testing::WorldEvent& event : world_.events) {
        if (event.fields.at("source") != "shop-a" || !event.CountsAt(size) || !event.IsCounted() ||
            calendar_.DayAt(event.time_us) != day) {
          continue;
        }
        ++want_events;
        if (event.kind == testing::WorldKind::kPurchase) want_gross += event.amount;
        if (event.kind == testing::WorldKind::kLinkedRefund ||
            event.kind == testing::WorldKind::kUnlinkedRefund) {
          want_refunds += event.amount;
        }
      }
      EXPECT_EQ(got.events(), want_events) << day;
      EXPECT_EQ(got.gross(), want_gross) << day;
      EXPECT_EQ(got.refunds(), want_refunds) << day;
      EXPECT_EQ(got.state(),
                day < today ? v1::SOURCE_DAY_STATE_COMPLETE : v1::SOURCE_DAY_STATE_OPEN);
      EXPECT_FALSE(got.has_totals());
      events += static_cast<int64_t>(want_events);
    }
    EXPECT_GT(events, 20);
  }
}

TEST_F(SourceDayListerTest, RefusesWhatCannotBeListed) {
  const testing::NaiveDate start = world_.observatory_start;
  const testing::NaiveDate later = testing::DateOf(testing::DayNumber(start) + 10);
  const std::string days = Text("first", start) + Text("last", later);
  EXPECT_OK(List(days));
  EXPECT_THAT(List("source: 'shop-x' " + days),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("shop-")),
                    ReasonIs("UNKNOWN_CODE")));
  EXPECT_THAT(List(Text("first", start)), ReasonIs("INVALID_DATE"));
  EXPECT_THAT(List(Text("first", start) + "last { year: 2024 month: 2 day: 30 }"),
              ReasonIs("INVALID_DATE"));
  EXPECT_THAT(List(Text("first", later) + Text("last", start)), ReasonIs("PERIOD_INVALID"));
  EXPECT_THAT(List(days + "as_of { log_size: 1000000 }"), ReasonIs("AS_OF_AHEAD"));
  EXPECT_THAT(List(days + "as_of { }"), ReasonIs("AS_OF_INVALID"));
  Serve({.token_name = "t", .principal = "p", .region_scope = "regions/cn-33"});
  EXPECT_THAT(List(days), AllOf(StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("region")),
                                ReasonIs("REGION_SCOPE")));
}

}  // namespace
}  // namespace tidemark::analytics
