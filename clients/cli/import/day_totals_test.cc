#include "clients/cli/import/day_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/status_matchers.h"

namespace tidemark::importer {
namespace {

class DayTotalsTest : public ::testing::Test {
 protected:
  static absl::TimeZone Shanghai() {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &zone));
    return zone;
  }
  void Add(const std::string& id, int64_t time_us, int64_t amount = 100,
           ingest::v1::EventKind kind = ingest::v1::EVENT_KIND_PURCHASE,
           const std::string& source = "店", uint32_t revision = 0) {
    ingest::v1::Event event;
    event.set_source(source);
    event.set_id(id);
    event.set_kind(kind);
    event.set_event_time_us(time_us);
    event.set_revision(revision);
    if (amount > 0) event.set_amount(amount);
    totals_.Add(event.SerializeAsString());
  }

  // 2024-01-02T15:59:59Z, the last second of a day in Shanghai.
  static constexpr int64_t kLate = 1'704'211'199'000'000;
  DayTotals totals_{Shanghai()};
};

TEST_F(DayTotalsTest, EventsAddUpBySourceAndDayOfTheZone) {
  Add("a", kLate);
  Add("b", kLate + 1'000'000, 30);
  Add("r", kLate, 7, ingest::v1::EVENT_KIND_REFUND);
  Add("u", kLate, 0, ingest::v1::EVENT_KIND_SERVICE_USE);
  Add("a", kLate, 5, ingest::v1::EVENT_KIND_PURCHASE, "other");
  ASSERT_OK_AND_ASSIGN(const auto days, totals_.Take());
  ASSERT_EQ(days.size(), 3u);
  EXPECT_EQ(days[0].source(), "other");
  EXPECT_EQ(days[1].source(), "店");
  EXPECT_EQ(days[1].day().day(), 2);
  EXPECT_EQ(days[1].events(), 3u);
  EXPECT_EQ(days[1].gross(), 100);
  EXPECT_EQ(days[1].refunds(), 7);
  EXPECT_EQ(days[2].day().day(), 3);
  EXPECT_EQ(days[2].gross(), 30);
}

TEST_F(DayTotalsTest, AnIdThatComesAgainCountsAsItCameFirst) {
  Add("a", kLate);
  Add("a", kLate);
  Add("a", kLate, 5);
  ASSERT_OK_AND_ASSIGN(const auto days, totals_.Take());
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].events(), 1u);
  EXPECT_EQ(days[0].gross(), 100);
}

TEST_F(DayTotalsTest, AnEventCountsByItsHighestRevision) {
  const auto purchase = ingest::v1::EVENT_KIND_PURCHASE;
  Add("a", kLate);
  Add("b", kLate, 7, purchase, "店", 5);
  Add("gone", kLate, 9);
  Add("a", kLate + 1'000'000, 30, purchase, "店", 2);
  Add("a", kLate, 40, purchase, "店", 1);
  Add("b", kLate, 8);
  Add("gone", kLate, 0, ingest::v1::EVENT_KIND_VOID, "店", 1);
  ASSERT_OK_AND_ASSIGN(const auto days, totals_.Take());
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].events(), 1u);
  EXPECT_EQ(days[0].gross(), 7);
  EXPECT_EQ(days[1].events(), 1u);
  EXPECT_EQ(days[1].gross(), 30);
}

// Not closed it would be missing, and what an earlier file said of it would be wrong.
TEST_F(DayTotalsTest, ADayThatRevisionsEmptiedIsClosedWithZeros) {
  const auto purchase = ingest::v1::EVENT_KIND_PURCHASE;
  constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
  Add("moved", kLate, 10);
  Add("moved", kLate + kDayUs, 30, purchase, "店", 1);
  // The other way round: what comes first has the highest revision.
  Add("moved before", kLate + kDayUs, 40, purchase, "店", 1);
  Add("moved before", kLate + 2 * kDayUs, 10);
  ASSERT_OK_AND_ASSIGN(const auto days, totals_.Take());
  ASSERT_EQ(days.size(), 3u);
  EXPECT_EQ(days[0].events(), 0u);
  EXPECT_EQ(days[0].gross(), 0);
  EXPECT_EQ(days[1].events(), 2u);
  EXPECT_EQ(days[1].gross(), 70);
  EXPECT_EQ(days[2].day().day(), 4);
  EXPECT_EQ(days[2].events(), 0u);
}

TEST_F(DayTotalsTest, WithdrawalsMakeNoDayOfTheFile) {
  constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
  Add("a", kLate);
  Add("a", kLate + kDayUs, 0, ingest::v1::EVENT_KIND_VOID, "店", 1);
  Add("of an earlier file", kLate + 2 * kDayUs, 0, ingest::v1::EVENT_KIND_VOID, "店", 1);
  ASSERT_OK_AND_ASSIGN(const auto days, totals_.Take());
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].day().day(), 2);
  EXPECT_EQ(days[0].events(), 0u);
}

TEST_F(DayTotalsTest, BytesThatAreNoEventAreNotCounted) {
  totals_.Add("\xFF\xFF");
  ASSERT_OK_AND_ASSIGN(const auto days, totals_.Take());
  EXPECT_TRUE(days.empty());
}

TEST_F(DayTotalsTest, ASumThatDoesNotFitIsToldWithItsDay) {
  for (int i = 0; i < 10; ++i) Add(std::to_string(i), kLate, 1'000'000'000'000'000'000);
  EXPECT_THAT(totals_.Take(),
              testing::StatusIs(absl::StatusCode::kOutOfRange, ::testing::HasSubstr("2024-01-02")));
}

TEST_F(DayTotalsTest, DaysWithRejectedRowsStayOpen) {
  const auto reject = [&](const std::string& source, int64_t time_us, uint32_t revision = 0) {
    ingest::v1::Event event;
    event.set_source(source);
    event.set_revision(revision);
    event.set_event_time_us(time_us);
    totals_.AddRejected(event.SerializeAsString());
  };
  const auto closed = [&] { return totals_.Take()->size(); };
  Add("a", kLate);
  Add("b", kLate + 1'000'000);
  Add("c", kLate, 5, ingest::v1::EVENT_KIND_PURCHASE, "other");
  EXPECT_EQ(closed(), 3u);
  EXPECT_THAT(totals_.LeftOpen(), ::testing::IsEmpty());
  reject("店", kLate - 1);
  EXPECT_EQ(closed(), 2u);
  EXPECT_THAT(
      totals_.LeftOpen(),
      ::testing::ElementsAre("2024-01-02 of 店: 1 row was rejected, so the file has more of it"));
  reject("other", kLate, 1);
  EXPECT_EQ(closed(), 1u) << "it may revise an event of another day";
  reject("店", 0);
  EXPECT_EQ(closed(), 0u);
  EXPECT_THAT(totals_.LeftOpen(), ::testing::ElementsAre(::testing::HasSubstr("all days of other"),
                                                         ::testing::HasSubstr("all days of 店")));
  totals_.AddRejected("");
  EXPECT_EQ(closed(), 0u);
  EXPECT_THAT(totals_.LeftOpen(), ::testing::ElementsAre(::testing::HasSubstr("all days: 1 row")));
}

}  // namespace
}  // namespace tidemark::importer
