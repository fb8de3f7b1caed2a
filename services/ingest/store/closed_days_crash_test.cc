// Closed days under power failures and failing disks: what was acknowledged is there, and what was
// not is closed by sending it again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/store/log_fixture.h"

namespace tidemark::ingest {
namespace {

using ::testing::ElementsAre;
using tidemark::testing::FaultFileSystem;
using Fault = FaultFileSystem::Fault;

class ClosedDaysCrashTest : public ::testing::Test {
 protected:
  absl::Status Open() {
    log_.reset();
    auto opened = FileLogStore::Open({.fs = &fs_,
                                      .clock = &clock_,
                                      .dir = "log",
                                      .roll_bytes = 1000,
                                      .checkpoint_interval = absl::ZeroDuration()});
    if (!opened.ok()) return opened.status();
    log_ = *std::move(opened);
    return absl::OkStatus();
  }
  // Closes the day again and again with one more event, until a write fails; the last that was
  // acknowledged.
  uint64_t CloseUntilFailure() {
    uint64_t acknowledged = 0;
    for (uint64_t n = 1; n <= 12; ++n) {
      if (n % 3 == 0 && !Append(*log_, Numbered(n, n + 1)).status.ok()) break;
      if (!CloseDays(*log_, {Totals(n, 100)}).status.ok()) break;
      acknowledged = n;
    }
    return acknowledged;
  }

  FaultFileSystem fs_;
  testing::FakeClock clock_;
  std::unique_ptr<FileLogStore> log_;

 private:
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(ClosedDaysCrashTest, APowerFailureAtAnyChangeKeepsWhatWasAcknowledged) {
  for (const Fault fault : {Fault::kCrashBefore, Fault::kTornCrash}) {
    for (uint64_t nth = 1; nth <= 40; ++nth) {
      SCOPED_TRACE(absl::StrCat("change ", nth));
      ASSERT_OK(fs_.MakeDirs("log"));
      ASSERT_OK(Open());
      const uint64_t before = log_->state().size;
      fs_.FailChange(nth, fault);
      const uint64_t acknowledged = CloseUntilFailure();
      log_.reset();
      fs_.Crash();
      fs_.ClearFaults();
      ASSERT_OK(Open());
      ASSERT_OK_AND_ASSIGN(const Statement statement, ReadStatement(*log_));
      if (acknowledged > 0) {
        ASSERT_TRUE(statement.close.has_value());
        // The one that failed may be there.
        EXPECT_GE(statement.close->events, acknowledged);
        EXPECT_LE(statement.close->events, acknowledged + 1);
        EXPECT_GT(log_->state().size, before);
        // The sequencer knows the same.
        EXPECT_THAT(CloseDays(*log_, {Totals(statement.close->events, 100)}).source_day_leaves,
                    ElementsAre(statement.close->leaf));
      }
      log_.reset();
      LeavesOfGoodLog(fs_, "log");
      if (HasFailure()) return;
    }
  }
}

TEST_F(ClosedDaysCrashTest, ACloseThatCouldNotBeWrittenIsTakenBack) {
  ASSERT_OK(Open());
  EXPECT_THAT(CloseDays(*log_, {Totals(1, 100)}).source_day_leaves, ElementsAre(1));
  fs_.SetDiskFull(true);
  EXPECT_THAT(CloseDays(*log_, {Totals(2, 100)}).status, tidemark::testing::ReasonIs("DISK_FULL"));
  ledger::SourceDay other = Totals(7, 7);
  other.day = kTestDay - 1;
  EXPECT_FALSE(CloseDays(*log_, {other}).status.ok());
  fs_.SetDiskFull(false);
  // Had the second been kept in memory, these would be taken for known.
  EXPECT_THAT(CloseDays(*log_, {Totals(1, 100)}).source_day_leaves, ElementsAre(1));
  EXPECT_THAT(CloseDays(*log_, {Totals(2, 100), other}).source_day_leaves, ElementsAre(2, 3));
  EXPECT_EQ(ReadStatement(*log_)->close->events, 2u);
}

TEST_F(ClosedDaysCrashTest, DamageIsToldByTheStatementThatNeedsTheBlock) {
  ASSERT_OK(Open());
  Append(*log_, Events({"a"}));
  ASSERT_OK_AND_ASSIGN(const BlockRef ref, log_->FindBlock(0));
  fs_.FailReads("log/blocks/00000000000000000000.tmb", ref.offset + 10);
  EXPECT_THAT(ReadStatement(*log_), tidemark::testing::StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ClosedDaysCrashTest, DamageToWhatARevisionReplacesIsToldEveryTime) {
  ASSERT_OK(Open());
  Append(*log_, Events({"a"}));
  // Counted, so that nobody but the revision needs the block again.
  ASSERT_OK(ReadStatement(*log_));
  Append(*log_, {{.id = "a", .amount = 7, .revision = 1}});
  ASSERT_OK_AND_ASSIGN(const BlockRef ref, log_->FindBlock(0));
  fs_.FailReads("log/blocks/00000000000000000000.tmb", ref.offset + 10);
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(ReadStatement(*log_), tidemark::testing::StatusIs(absl::StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace tidemark::ingest
