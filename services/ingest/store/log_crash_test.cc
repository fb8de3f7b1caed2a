// What must hold whatever breaks: acknowledged ⊆ log ⊆ sent, no identity twice, every
// acknowledged leaf holds that event, every checkpoint ever seen is a prefix of the last.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "clients/cpp/ledger/block_header.h"
#include "common/log/log.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/testing/log_world.h"

namespace tidemark::ingest {
namespace {

using tidemark::testing::FaultFileSystem;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using Fault = FaultFileSystem::Fault;

class LogCrashTest : public ::testing::Test {
 private:
  // Failures are what is wanted here; their log lines are noise.
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(LogCrashTest, PowerFailureAtEveryChange) {
  for (const Fault fault : {Fault::kCrashBefore, Fault::kTornCrash}) {
    for (uint64_t nth = 1; nth <= 120; ++nth) {
      SCOPED_TRACE(absl::StrCat("change ", nth));
      LogWorld world({.seed = nth});
      world.fs().FailChange(nth, fault);
      // The folder itself may be torn while it is made.
      if (world.Open().ok()) {
        for (int i = 0; i < 30; ++i) {
          if (!world.Send()) break;
          world.SeeCheckpoint();
        }
      }
      world.Close();
      world.fs().Crash();
      ASSERT_OK(world.Open());
      ASSERT_OK(world.CheckInvariants());
      ASSERT_TRUE(world.Send());
      ASSERT_OK(world.CheckInvariants());
      ASSERT_OK(world.CheckFiles());
      if (HasFailure()) return;
    }
  }
}

TEST_F(LogCrashTest, PowerFailuresOneAfterTheOther) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    LogWorld world({.seed = seed});
    std::mt19937_64 random(seed);
    ASSERT_OK(world.Open());
    for (int life = 0; life < 6; ++life) {
      world.fs().FailChange(1 + random() % 40,
                            random() % 2 == 0 ? Fault::kTornCrash : Fault::kCrashBefore);
      world.SendUntilFailure(20, random);
      world.Close();
      world.fs().Crash();
      ASSERT_OK(world.Open());
      ASSERT_OK(world.CheckInvariants());
      if (HasFailure()) return;
    }
    ASSERT_OK(world.CheckFiles());
  }
}

// The disk had part of the last write, in any order.
TEST_F(LogCrashTest, PowerFailuresThatKeepSomeOfAWriteOfManyBlocks) {
  int torn = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    LogWorld world({.seed = seed, .roll_bytes = 30000});
    std::mt19937_64 random(seed);
    world.fs().KeepSomeAtCrash(seed);
    ASSERT_OK(world.Open());
    for (int life = 0; life < 4; ++life) {
      for (uint64_t n = random() % 3; n > 0; --n) ASSERT_TRUE(world.Send());
      if (random() % 2 == 0) world.SeeCheckpoint();
      // Two changes for each block but the first, and the sync.
      const uint64_t nth = 3 + random() % 10;
      EXPECT_FALSE(
          world.SendAsOneWrite(6, [&] { world.fs().FailChange(nth, Fault::kCrashBefore); }));
      world.fs().ClearFaults();
      world.Close();
      ASSERT_OK(world.Open());
      torn += world.log().torn_bytes() > 0;
      ASSERT_OK(world.CheckInvariants());
      if (HasFailure()) return;
    }
    ASSERT_OK(world.CheckFiles());
  }
  EXPECT_GT(torn, 100);
}

TEST_F(LogCrashTest, BlocksOfOneWriteSaySo) {
  LogWorld world({.seed = 1, .roll_bytes = 1 << 20});
  ASSERT_OK(world.Open());
  ASSERT_TRUE(world.SendAsOneWrite(3, [] {}));
  std::vector<uint64_t> writes;
  for (uint64_t leaf = 0; leaf < world.log().state().size;) {
    const BlockRef ref = *world.log().FindBlock(leaf);
    std::string bytes(ref.bytes, ' ');
    ASSERT_OK(world.log().ReadBlock(ref, bytes.data()));
    ASSERT_OK_AND_ASSIGN(const ledger::BlockHeader header, ledger::VerifyBlock(bytes));
    writes.push_back(header.write_first_leaf);
    leaf = ref.end_leaf();
  }
  // The mark and the first event; then three groups at once.
  EXPECT_THAT(writes, ::testing::ElementsAre(0, 2, 2, 2));
}

// What a killed process wrote and did not sync is in the system's memory: once it is served, it
// must not be lost any more.
TEST_F(LogCrashTest, WhatIsReadAtOpeningIsDurable) {
  for (const Fault fault : {Fault::kIoError, Fault::kCrashBefore}) {
    for (uint64_t nth = 1; nth <= 60; ++nth) {
      SCOPED_TRACE(absl::StrCat("change ", nth));
      LogWorld world({.seed = nth});
      ASSERT_OK(world.Open());
      // An error of the sync leaves bytes that count as clean.
      world.fs().FailChange(nth, fault);
      for (int i = 0; i < 15; ++i) world.Send();
      world.fs().ClearFaults();
      world.Close();
      ASSERT_OK(world.Open());
      const uint64_t size = world.log().state().size;
      ASSERT_OK(world.log().SignCheckpoint());
      world.Close();
      world.fs().Crash();
      ASSERT_OK(world.Open());
      EXPECT_GE(world.log().state().size, size);
      ASSERT_TRUE(world.Send());
      ASSERT_OK(world.CheckInvariants());
      ASSERT_OK(world.CheckFiles());
      if (HasFailure()) return;
    }
  }
}

TEST_F(LogCrashTest, WithoutDescriptorsNothingIsLostAndWritingGoesOn) {
  int refused = 0;
  for (uint64_t nth = 1; nth <= 60; ++nth) {
    SCOPED_TRACE(absl::StrCat("change ", nth));
    LogWorld world({.seed = nth, .roll_bytes = 1});
    ASSERT_OK(world.Open());
    world.fs().FailChange(nth, Fault::kNoFiles);
    for (int i = 0; i < 15; ++i) world.Send();
    // Only an append and its sync leave something that is not known.
    if (world.log().state().sealed_reason.empty()) {
      ASSERT_TRUE(world.Send());
      if (!world.last_failure().ok()) {
        ++refused;
        EXPECT_THAT(world.last_failure(), ReasonIs("LOG_NOT_WRITABLE"));
        EXPECT_THAT(world.last_failure(), StatusIs(absl::StatusCode::kUnavailable));
        EXPECT_LT(status::RetryAfterOf(world.last_failure()), absl::InfiniteDuration());
      }
    }
    ASSERT_OK(world.Open());
    ASSERT_OK(world.CheckInvariants());
    ASSERT_OK(world.CheckFiles());
    if (HasFailure()) return;
  }
  EXPECT_GT(refused, 5);
}

TEST_F(LogCrashTest, AFullDiskRefusesAndWritingGoesOnWhenThereIsRoom) {
  LogWorld world({.seed = 1});
  ASSERT_OK(world.Open());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(world.Send());
  const uint64_t size = world.log().state().size;
  for (int round = 0; round < 3; ++round) {
    world.fs().SetDiskFull(true);
    for (int i = 0; i < 4; ++i) {
      // Batches of duplicates alone need no disk.
      if (world.Send()) continue;
      EXPECT_THAT(world.last_failure(), ReasonIs("DISK_FULL"));
      EXPECT_THAT(world.last_failure(), StatusIs(absl::StatusCode::kResourceExhausted));
      EXPECT_LT(status::RetryAfterOf(world.last_failure()), absl::InfiniteDuration());
    }
    EXPECT_EQ(world.log().state().sealed_reason, "");
    world.fs().SetDiskFull(false);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.Send());
    ASSERT_OK(world.CheckInvariants());
  }
  EXPECT_GT(world.log().state().size, size);
  ASSERT_OK(world.Open());
  ASSERT_OK(world.CheckInvariants());
  ASSERT_OK(world.CheckFiles());
}

TEST_F(LogCrashTest, NoSpaceForAnyOneChange) {
  for (uint64_t nth = 1; nth <= 80; ++nth) {
    SCOPED_TRACE(absl::StrCat("change ", nth));
    LogWorld world({.seed = nth});
    ASSERT_OK(world.Open());
    world.fs().FailChange(nth, Fault::kDiskFull);
    for (int i = 0; i < 20; ++i) {
      world.Send();
      world.SeeCheckpoint();
    }
    EXPECT_EQ(world.log().state().sealed_reason, "");
    ASSERT_TRUE(world.Send());
    ASSERT_OK(world.CheckInvariants());
    world.Close();
    world.fs().Crash();
    ASSERT_OK(world.Open());
    ASSERT_OK(world.CheckInvariants());
    ASSERT_OK(world.CheckFiles());
    if (HasFailure()) return;
  }
}

TEST_F(LogCrashTest, AnIoErrorSealsTheLogUntilItIsOpenedAgain) {
  int sealed = 0;
  for (uint64_t nth = 1; nth <= 80; ++nth) {
    SCOPED_TRACE(absl::StrCat("change ", nth));
    LogWorld world({.seed = nth});
    ASSERT_OK(world.Open());
    world.fs().FailChange(nth, Fault::kIoError);
    bool failed = false;
    for (int i = 0; i < 20; ++i) {
      failed |= !world.Send();
      world.SeeCheckpoint();
    }
    if (failed) {
      ++sealed;
      EXPECT_THAT(world.last_failure(), ReasonIs("LOG_SEALED"));
      EXPECT_THAT(world.last_failure(), StatusIs(absl::StatusCode::kFailedPrecondition));
      EXPECT_NE(world.log().state().sealed_reason, "");
      EXPECT_EQ(world.log().CheckWritable().message(), world.last_failure().message());
      EXPECT_FALSE(world.Send());
    }
    // Reading goes on.
    ASSERT_OK(world.CheckInvariants());
    world.Close();
    if (nth % 2 == 0) world.fs().Crash();
    ASSERT_OK(world.Open());
    EXPECT_EQ(world.log().state().sealed_reason, "");
    ASSERT_TRUE(world.Send());
    ASSERT_OK(world.CheckInvariants());
    ASSERT_OK(world.CheckFiles());
    if (HasFailure()) return;
  }
  // How many changes a run makes depends on which batches meet in a group.
  EXPECT_GT(sealed, 5);
}

}  // namespace
}  // namespace tidemark::ingest
