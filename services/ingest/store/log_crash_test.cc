// What must hold whatever breaks: acknowledged ⊆ log ⊆ sent, no identity twice, every
// acknowledged leaf holds that event, every checkpoint ever seen is a prefix of the last.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/log/log.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/store/log_check.h"
#include "services/ingest/store/log_fixture.h"

namespace tidemark::ingest {
namespace {

using tidemark::testing::FaultFileSystem;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using Fault = FaultFileSystem::Fault;

class World {
 public:
  explicit World(uint64_t seed, uint64_t roll_bytes = 6000)
      : roll_bytes_(roll_bytes), random_(seed) {}

  absl::Status Open() {
    log_.reset();
    auto opened = FileLogStore::Open({.fs = &fs_,
                                      .clock = &clock_,
                                      .dir = "log",
                                      .roll_bytes = roll_bytes_,
                                      .group_rows = 1,
                                      .checkpoint_interval = absl::ZeroDuration()});
    if (opened.ok()) log_ = *std::move(opened);
    return opened.status();
  }
  void Close() { log_.reset(); }
  FileLogStore& log() { return *log_; }
  FaultFileSystem& fs() { return fs_; }

  // Sends some batches at once, mostly new events, some sent before, some refunds; remembers
  // what was acknowledged. False when something failed.
  bool Send() {
    std::vector<std::unique_ptr<PendingBatch>> pending;
    for (uint64_t n = 1 + random_() % 4; n > 0; --n) {
      pending.push_back(Start(*log_, RandomEvents()));
    }
    bool all_ok = true;
    for (const auto& batch : pending) {
      const AppendResult result = batch->result.get();
      all_ok &= result.status.ok();
      if (result.status.ok()) Acknowledge(*batch, result);
      last_failure_ = result.status.ok() ? last_failure_ : result.status;
    }
    clock_.Advance(absl::Milliseconds(1));
    return all_ok;
  }

  // As Send, but as several groups that are written together: the writer is held while they are
  // made. `before_write` comes just before they are written.
  bool SendAsOneWrite(int batches, const std::function<void()>& before_write) {
    std::promise<void> held, release;
    std::atomic<bool> hold{true};
    log_->SetSizeListener([&, released = release.get_future().share()] {
      if (!hold.exchange(false)) return;
      held.set_value();
      released.wait();
    });
    std::vector<std::unique_ptr<PendingBatch>> pending;
    pending.push_back(Start(*log_, {{.id = NewId()}}));
    held.get_future().wait();
    for (int i = 0; i < batches; ++i) {
      std::vector<TestEvent> events = RandomEvents();
      events.push_back({.id = NewId()});
      pending.push_back(Start(*log_, std::move(events)));
    }
    // Answered behind them, when their groups wait for the writer.
    LeafOf(*log_, "shop", "none");
    before_write();
    release.set_value();
    bool all_ok = true;
    for (const auto& batch : pending) {
      const AppendResult result = batch->result.get();
      all_ok &= result.status.ok();
      if (result.status.ok()) Acknowledge(*batch, result);
    }
    log_->SetSizeListener({});
    clock_.Advance(absl::Milliseconds(1));
    return all_ok;
  }

  void SeeCheckpoint() {
    if (!log_->SignCheckpoint().ok()) return;
    const auto newest = log_->NewestCheckpoint();
    if (newest.ok()) checkpoints_.push_back(*newest);
  }

  // Everything that must hold of the log that is open now.
  void ExpectInvariants() {
    std::map<std::string, uint64_t> in_log;
    for (uint64_t leaf = 0; leaf < log_->state().size; ++leaf) {
      ASSERT_OK_AND_ASSIGN(const std::string source, log_->SourceOf(leaf));
      if (source.empty()) continue;
      const StoredTestEvent event = ReadEvent(*log_, leaf);
      EXPECT_TRUE(in_log.emplace(event.id, leaf).second) << event.id << " is there twice";
      EXPECT_TRUE(sent_.contains(event.id)) << event.id << " was never sent";
    }
    for (const auto& [id, leaf] : acknowledged_) {
      const auto it = in_log.find(id);
      ASSERT_TRUE(it != in_log.end()) << id << " was acknowledged and is lost";
      EXPECT_EQ(it->second, leaf) << id;
    }
    ASSERT_OK(log_->SignCheckpoint());
    const auto newest = log_->NewestCheckpoint();
    for (const StoredCheckpoint& old : checkpoints_) {
      ASSERT_OK(newest);
      ASSERT_LE(old.size, newest->size);
      ASSERT_OK_AND_ASSIGN(const auto proof, log_->ConsistencyProof(old.size, newest->size));
      EXPECT_OK(ledger::VerifyConsistency(old.size, newest->size, old.root, newest->root, proof));
    }
  }

  void ExpectGoodFiles() {
    log_.reset();
    ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(fs_, "log"));
    EXPECT_THAT(report.problems, ::testing::ElementsAre());
  }

  const absl::Status& last_failure() const { return last_failure_; }
  size_t acknowledged() const { return acknowledged_.size(); }

 private:
  std::vector<TestEvent> RandomEvents() {
    std::vector<TestEvent> events;
    for (uint64_t n = 1 + random_() % 12; n > 0; --n) {
      TestEvent event{.id = absl::StrCat("e", random_() % (next_ + 8))};
      next_ += 1;
      // Content follows from the id, so that a second sending is no conflict. Refunds name ids
      // before and after them.
      const uint64_t number = std::stoull(event.id.substr(1));
      if (number % 7 == 3) event.refund_of = absl::StrCat("e", number + (number % 2) * 14 - 7);
      sent_.insert(event.id);
      events.push_back(event);
    }
    return events;
  }

  void Acknowledge(const PendingBatch& batch, const AppendResult& result) {
    size_t exception = 0;
    uint64_t leaf = result.first_leaf;
    for (uint32_t row = 0; row < batch.events.size(); ++row) {
      const std::string& id = batch.events[row].id;
      uint64_t at = leaf;
      if (exception < result.exceptions.size() && result.exceptions[exception].row == row) {
        EXPECT_EQ(result.exceptions[exception].outcome, Outcome::kDuplicate);
        at = result.exceptions[exception++].leaf;
      } else {
        ++leaf;
      }
      const auto [it, inserted] = acknowledged_.emplace(id, at);
      EXPECT_EQ(it->second, at) << id << " was acknowledged at another leaf before";
    }
  }

  // Of an event that was not sent before.
  std::string NewId() {
    std::string id = absl::StrCat("new", sent_.size());
    sent_.insert(id);
    return id;
  }

  const uint64_t roll_bytes_;
  std::mt19937_64 random_;
  FaultFileSystem fs_;
  testing::FakeClock clock_;
  std::unique_ptr<FileLogStore> log_;
  uint64_t next_ = 0;
  std::set<std::string> sent_;
  std::map<std::string, uint64_t> acknowledged_;
  std::vector<StoredCheckpoint> checkpoints_;
  absl::Status last_failure_;
};

class LogCrashTest : public ::testing::Test {
 private:
  // Failures are what is wanted here; their log lines are noise.
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(LogCrashTest, PowerFailureAtEveryChange) {
  for (const Fault fault : {Fault::kCrashBefore, Fault::kTornCrash}) {
    for (uint64_t nth = 1; nth <= 120; ++nth) {
      SCOPED_TRACE(absl::StrCat("change ", nth));
      World world(nth);
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
      world.ExpectInvariants();
      ASSERT_TRUE(world.Send());
      world.ExpectInvariants();
      world.ExpectGoodFiles();
      if (HasFailure()) return;
    }
  }
}

TEST_F(LogCrashTest, PowerFailuresOneAfterTheOther) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    World world(seed);
    std::mt19937_64 random(seed);
    ASSERT_OK(world.Open());
    for (int life = 0; life < 6; ++life) {
      world.fs().FailChange(1 + random() % 40,
                            random() % 2 == 0 ? Fault::kTornCrash : Fault::kCrashBefore);
      for (int i = 0; i < 20; ++i) {
        if (!world.Send()) break;
        if (random() % 3 == 0) world.SeeCheckpoint();
      }
      world.Close();
      world.fs().Crash();
      ASSERT_OK(world.Open());
      world.ExpectInvariants();
      if (HasFailure()) return;
    }
    world.ExpectGoodFiles();
  }
}

// The disk had part of the last write, in any order.
TEST_F(LogCrashTest, PowerFailuresThatKeepSomeOfAWriteOfManyBlocks) {
  int torn = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    World world(seed, /*roll_bytes=*/30000);
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
      world.ExpectInvariants();
      if (HasFailure()) return;
    }
    world.ExpectGoodFiles();
  }
  EXPECT_GT(torn, 100);
}

TEST_F(LogCrashTest, BlocksOfOneWriteSaySo) {
  World world(1, /*roll_bytes=*/1 << 20);
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
      World world(nth);
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
      world.ExpectInvariants();
      world.ExpectGoodFiles();
      if (HasFailure()) return;
    }
  }
}

TEST_F(LogCrashTest, WithoutDescriptorsNothingIsLostAndWritingGoesOn) {
  int refused = 0;
  for (uint64_t nth = 1; nth <= 60; ++nth) {
    SCOPED_TRACE(absl::StrCat("change ", nth));
    World world(nth, /*roll_bytes=*/1);
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
    world.ExpectInvariants();
    world.ExpectGoodFiles();
    if (HasFailure()) return;
  }
  EXPECT_GT(refused, 5);
}

TEST_F(LogCrashTest, AFullDiskRefusesAndWritingGoesOnWhenThereIsRoom) {
  World world(1);
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
    world.ExpectInvariants();
  }
  EXPECT_GT(world.log().state().size, size);
  ASSERT_OK(world.Open());
  world.ExpectInvariants();
  world.ExpectGoodFiles();
}

TEST_F(LogCrashTest, NoSpaceForAnyOneChange) {
  for (uint64_t nth = 1; nth <= 80; ++nth) {
    SCOPED_TRACE(absl::StrCat("change ", nth));
    World world(nth);
    ASSERT_OK(world.Open());
    world.fs().FailChange(nth, Fault::kDiskFull);
    for (int i = 0; i < 20; ++i) {
      world.Send();
      world.SeeCheckpoint();
    }
    EXPECT_EQ(world.log().state().sealed_reason, "");
    ASSERT_TRUE(world.Send());
    world.ExpectInvariants();
    world.Close();
    world.fs().Crash();
    ASSERT_OK(world.Open());
    world.ExpectInvariants();
    world.ExpectGoodFiles();
    if (HasFailure()) return;
  }
}

TEST_F(LogCrashTest, AnIoErrorSealsTheLogUntilItIsOpenedAgain) {
  int sealed = 0;
  for (uint64_t nth = 1; nth <= 80; ++nth) {
    SCOPED_TRACE(absl::StrCat("change ", nth));
    World world(nth);
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
      EXPECT_FALSE(world.Send());
    }
    // Reading goes on.
    world.ExpectInvariants();
    world.Close();
    if (nth % 2 == 0) world.fs().Crash();
    ASSERT_OK(world.Open());
    EXPECT_EQ(world.log().state().sealed_reason, "");
    ASSERT_TRUE(world.Send());
    world.ExpectInvariants();
    world.ExpectGoodFiles();
    if (HasFailure()) return;
  }
  // How many changes a run makes depends on which batches meet in a group.
  EXPECT_GT(sealed, 5);
}

}  // namespace
}  // namespace tidemark::ingest
