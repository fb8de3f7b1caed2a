// Closed days and statements of every LogStore.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "services/ingest/store/log_store_fixture.h"

namespace tidemark::ingest {
namespace {

using ::testing::ElementsAre;
using tidemark::testing::ReasonIs;

class LogStoreDaysTest : public LogStoreTest {};

INSTANTIATE_TEST_SUITE_P(Stores, LogStoreDaysTest, ::testing::ValuesIn(kLogStoreKinds), NameOfKind);

TEST_P(LogStoreDaysTest, ClosingADayIsARecordAndTheSameTotalsAgainAreNot) {
  Append(*log_, Events({"a"}));
  const AppendResult first = CloseDays(*log_, {Totals(1, 100)});
  ASSERT_OK(first.status);
  EXPECT_THAT(first.source_day_leaves, ElementsAre(2));
  EXPECT_THAT(log_->SourceOf(2), tidemark::testing::IsOkAndHolds(""));
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(CloseDays(*log_, {Totals(1, 100)}).source_day_leaves, ElementsAre(2));
    EXPECT_EQ(log_->state().size, 3u);
    Open();
  }
  // Another day of the source, and the first again, among others.
  ledger::SourceDay other = Totals(0, 0);
  other.day = kTestDay - 1;
  EXPECT_THAT(CloseDays(*log_, {other, Totals(1, 100)}).source_day_leaves, ElementsAre(3, 2));
  ExpectGoodLog();
}

TEST_P(LogStoreDaysTest, OtherTotalsReplaceAClose) {
  EXPECT_THAT(CloseDays(*log_, {Totals(1, 100)}).source_day_leaves, ElementsAre(1));
  EXPECT_THAT(CloseDays(*log_, {Totals(2, 100, 3)}).source_day_leaves, ElementsAre(2));
  // Back to what was said before the last time.
  EXPECT_THAT(CloseDays(*log_, {Totals(1, 100)}).source_day_leaves, ElementsAre(3));
  Open();
  EXPECT_THAT(CloseDays(*log_, {Totals(1, 100)}).source_day_leaves, ElementsAre(3));
  ASSERT_OK_AND_ASSIGN(const Statement statement, ReadStatement(*log_));
  ASSERT_TRUE(statement.close.has_value());
  EXPECT_EQ(statement.close->leaf, 3u);
  EXPECT_EQ(statement.close->events, 1u);
  EXPECT_EQ(statement.close->accepted_time_us, testing::FakeClock::kStartMicros);
  ExpectGoodLog();
}

TEST_P(LogStoreDaysTest, ClosesJudgedByAnOlderViewAreHandedBack) {
  ASSERT_OK(CloseDays(*log_, {Totals(1, 100)}, 3).status);
  EXPECT_THAT(CloseDays(*log_, {Totals(2, 100)}, 2).status, ReasonIs("STALE_VIEW"));
  ASSERT_OK_AND_ASSIGN(const Statement statement, ReadStatement(*log_));
  EXPECT_EQ(statement.close->events, 1u);
}

TEST_P(LogStoreDaysTest, AStatementCountsWhatWasAcknowledged) {
  Append(*log_,
         {{.id = "a"}, {.id = "b", .amount = 23}, {.id = "r", .amount = 5, .refund_of = "a"}});
  Append(*log_, {{.source = "other", .id = "a"}, {.id = "c", .amount = 1000}});
  for (int round = 0; round < 2; ++round) {
    ASSERT_OK_AND_ASSIGN(const Statement statement, ReadStatement(*log_));
    EXPECT_EQ(statement.log_size, log_->state().size);
    EXPECT_EQ(statement.by_event_day.events, 4u);
    EXPECT_EQ(statement.by_event_day.gross, 1123);
    EXPECT_EQ(statement.by_event_day.refunds, 5);
    EXPECT_EQ(statement.by_arrival_day.events, 4u);
    EXPECT_FALSE(statement.close.has_value());
    Open();
  }
  // Two days later.
  clock_.JumpTo(testing::FakeClock::kStartMicros + 2 * 86'400'000'000);
  Append(*log_, Events({"late"}));
  EXPECT_EQ(ReadStatement(*log_)->by_event_day.events, 5u);
  EXPECT_EQ(ReadStatement(*log_)->by_arrival_day.events, 4u);
  EXPECT_EQ(ReadStatement(*log_, "shop", kTestDay + 2)->by_arrival_day.events, 1u);
  EXPECT_EQ(ReadStatement(*log_, "shop", kTestDay + 2)->by_event_day.events, 0u);
  // Days are those of the zone: 03:04 in UTC was the day before in New York.
  absl::TimeZone new_york;
  ASSERT_TRUE(absl::LoadTimeZone("America/New_York", &new_york));
  EXPECT_EQ(ReadStatement(*log_, "shop", kTestDay - 1, new_york)->by_event_day.events, 5u);
  EXPECT_EQ(ReadStatement(*log_, "shop", kTestDay, new_york)->by_event_day.events, 0u);
}

TEST_P(LogStoreDaysTest, AnEventStandsOnceByItsHighestRevision) {
  clock_.JumpTo(testing::FakeClock::kStartMicros + 5 * 86'400'000'000);
  const auto expect_standing = [this](int days_later, uint64_t events, int64_t gross,
                                      int64_t refunds) {
    SCOPED_TRACE(days_later);
    ASSERT_OK_AND_ASSIGN(const Statement statement,
                         ReadStatement(*log_, "shop", kTestDay + days_later));
    EXPECT_EQ(statement.standing.events, events);
    EXPECT_EQ(statement.standing.gross, gross);
    EXPECT_EQ(statement.standing.refunds, refunds);
  };
  Append(*log_, {{.id = "a"},
                 {.id = "b", .amount = 23},
                 {.id = "gone"},
                 {.id = "r", .amount = 5, .refund_of = "a"}});
  expect_standing(0, 4, 223, 5);
  // One moves to the next day, one changes its amount twice in a batch, one is withdrawn.
  Append(*log_, {{.id = "a", .amount = 90, .revision = 2, .days_later = 1},
                 {.id = "b", .amount = 24, .revision = 1},
                 {.id = "b", .amount = 25, .revision = 2},
                 {.id = "gone", .revision = 3, .is_void = true}});
  for (int round = 0; round < 2; ++round) {
    expect_standing(0, 2, 25, 5);
    expect_standing(1, 1, 90, 0);
    EXPECT_EQ(ReadStatement(*log_)->by_event_day.events, 7u);
    Open();
  }
  // Lower revisions that come late change nothing, also behind a VOID.
  Append(*log_, {{.id = "a", .amount = 7, .revision = 1, .days_later = 2},
                 {.id = "gone", .amount = 8, .revision = 1}});
  expect_standing(0, 2, 25, 5);
  expect_standing(1, 1, 90, 0);
  expect_standing(2, 0, 0, 0);
  // A VOID is not the last word, and may come first.
  Append(*log_, {{.id = "gone", .amount = 11, .revision = 4},
                 {.id = "never", .revision = 1, .is_void = true},
                 {.id = "never"}});
  expect_standing(0, 3, 36, 5);
  // Another source's event of the same id is another event.
  Append(*log_, {{.source = "other", .id = "a", .revision = 9}});
  expect_standing(1, 1, 90, 0);
  ExpectGoodLog();
}

TEST_P(LogStoreDaysTest, RevisionsOfManyBlocksAreSettledWhenAStatementIsAsked) {
  clock_.JumpTo(testing::FakeClock::kStartMicros + 5 * 86'400'000'000);
  for (size_t i = 0; i < 20; ++i) Append(*log_, Numbered(10 * i, 10 * i + 10));
  EXPECT_EQ(ReadStatement(*log_)->standing.events, 200u);
  for (uint32_t revision = 1; revision <= 3; ++revision) {
    std::vector<TestEvent> revised = Numbered(0, 200);
    for (TestEvent& event : revised) {
      event.revision = revision;
      event.days_later = static_cast<int>(revision);
    }
    Append(*log_, revised);
  }
  for (int round = 0; round < 2; ++round) {
    for (int day = 0; day <= 3; ++day) {
      ASSERT_OK_AND_ASSIGN(const Statement statement, ReadStatement(*log_, "shop", kTestDay + day));
      EXPECT_EQ(statement.standing.events, day == 3 ? 200u : 0u);
      EXPECT_EQ(statement.standing.gross, day == 3 ? 20000 : 0);
      EXPECT_EQ(statement.by_event_day.events, 200u);
    }
    Open();
  }
}

TEST_P(LogStoreDaysTest, CountsOfRefusedEventsSurviveAStop) {
  const RefusedCount refused{.source = "shop",
                             .day = kTestDay,
                             .by_arrival = true,
                             .reason = "UNKNOWN_REGION",
                             .field = "consumer_region",
                             .count = 2};
  RefusedCount duplicate = refused;
  duplicate.by_arrival = false;
  duplicate.reason = kDuplicateReason;
  duplicate.field = "";
  uint64_t want = 0;
  for (int round = 0; round < 3; ++round) {
    log_->CountRefused({refused, duplicate});
    want += 2;
    // A front is told nothing of its arrival.
    std::vector<RefusedCount> found;
    do {
      ASSERT_OK_AND_ASSIGN(const Statement statement, ReadStatement(*log_));
      found = statement.refused;
    } while (found.size() < 2 || found[1].count < want);
    EXPECT_EQ(found[0].reason, kDuplicateReason);
    EXPECT_FALSE(found[0].by_arrival);
    EXPECT_EQ(found[1].field, "consumer_region");
    EXPECT_TRUE(found[1].by_arrival);
    EXPECT_EQ(found[1].count, want);
    EXPECT_THAT(ReadStatement(*log_, "other")->refused, ::testing::IsEmpty());
    Open();
  }
}

}  // namespace
}  // namespace tidemark::ingest
