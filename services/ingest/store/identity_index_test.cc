// The index against a map, with tables of a few hundred entries, so that everything is frozen,
// merged, taken back, damaged and opened again all the time.
#include "services/ingest/store/identity_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/store/identity_journal.h"
#include "services/ingest/store/identity_run_check.h"

namespace tidemark::ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tidemark::testing::FaultFileSystem;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using Fault = FaultFileSystem::Fault;

// A log of identities in a vector, the index of it on a disk that fails, and a map that says what
// the index must answer.
class World {
 public:
  static constexpr size_t kTableEntries = 256;

  explicit World(uint64_t seed) : random_(seed) {}

  absl::Status Open() {
    index_.reset();
    groups_.clear();
    // What was not durable is gone.
    while (log_.size() > durable_) ForgetLast();
    auto opened = IdentityIndex::Open(
        {.frozen = {.folder = Folder(),
                    .read_log = [this](uint64_t begin, uint64_t end,
                                       IdentityTable* table) { return Read(begin, end, table); },
                    .table_entries = kTableEntries,
                    .retry_after = absl::Milliseconds(1)}},
        durable_);
    TM_RETURN_IF_ERROR(opened.status());
    index_ = *std::move(opened);
    EXPECT_LE(log_.size() - index_->older_end(), kTableEntries);
    return Read(index_->older_end(), log_.size(), index_->table());
  }
  void Close() { index_.reset(); }

  // Judges a batch as the store does: most of its identities are new, some are in the log.
  absl::Status Append(size_t most_rows = 60) {
    std::vector<Fingerprint> keys;
    for (size_t n = 1 + random_() % most_rows; n > 0; --n) keys.push_back(AnyKey());
    // Something may be frozen between any two of the calls.
    return Judge(keys, [this] {
      if (random_() % 4 == 0) index_->frozen().WaitUntilIdle().IgnoreError();
    });
  }
  // All that are in the log are sent again.
  absl::Status SendAgain(const std::function<void()>& between) {
    std::vector<Fingerprint> keys;
    for (const auto& [low, leaf] : leaves_) keys.push_back(log_[leaf]);
    return Judge(keys, between);
  }
  // `between` is called between the steps.
  absl::Status Judge(const std::vector<Fingerprint>& keys, const std::function<void()>& between) {
    const std::vector<AppendBatch::Linked> linked = {{.row = 0, .original = AnyKey()}};
    OlderLeaves older;
    TM_RETURN_IF_ERROR(index_->LookUpOlder(keys, linked, {}, &older));
    between();
    TM_RETURN_IF_ERROR(index_->Prepare(older, keys, linked));
    between();
    TM_RETURN_IF_ERROR(index_->MakeRoom(log_.size()));
    EXPECT_EQ(index_->Find(linked[0].original), LeafOf(linked[0].original));
    Group group{.first_leaf = log_.size()};
    // As a catalog mark, which has no identity.
    if (random_() % 3 == 0) log_.push_back({});
    for (const Fingerprint& key : keys) {
      const uint64_t want = LeafOf(key);
      EXPECT_EQ(index_->FindOrInsert(key, log_.size()), want);
      if (want != IdentityTable::kNotFound) continue;
      group.journal.Inserted(key, log_.size());
      leaves_[key.low] = log_.size();
      log_.push_back(key);
    }
    groups_.push_back(std::move(group));
    return absl::OkStatus();
  }
  // All groups but the last `behind` are on the disk.
  void BecomeDurable(size_t behind) {
    while (groups_.size() > behind) groups_.pop_front();
    durable_ = groups_.empty() ? log_.size() : groups_.front().first_leaf;
    index_->frozen().BecameDurable(durable_);
  }
  // The groups that are not durable could not be written.
  void RollBack() {
    for (; !groups_.empty(); groups_.pop_back()) {
      groups_.back().journal.Undo({}, index_.get(), &waiting_);
      while (log_.size() > groups_.back().first_leaf) ForgetLast();
    }
  }

  void ExpectAllThere() {
    EXPECT_EQ(index_->size(), leaves_.size());
    std::vector<Fingerprint> keys;
    for (const auto& [low, leaf] : leaves_) keys.push_back(log_[leaf]);
    for (int i = 0; i < 100; ++i) keys.push_back({random_(), random_()});
    OlderLeaves older;
    ASSERT_OK(index_->LookUpOlder(keys, {}, {}, &older));
    ASSERT_OK(index_->Prepare(older, keys));
    for (const Fingerprint& key : keys) ASSERT_EQ(index_->Find(key), LeafOf(key));
  }
  // What is on the disk equals the log.
  void ExpectGoodFiles() {
    IdentityTable log(SIZE_MAX);
    ASSERT_OK(Read(0, durable_, &log));
    EXPECT_THAT(CheckIdentityRuns(IdentityRunFolder(Folder()), durable_, &log).problems, IsEmpty());
  }
  // Until there is nothing to do, whatever failed meanwhile.
  absl::Status Settle() {
    absl::Status idle;
    for (int i = 0; i < 5000; ++i) {
      idle = index_->frozen().WaitUntilIdle();
      if (idle.ok()) break;
      // The next attempt is under way.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return idle;
  }

  FaultFileSystem& fs() { return fs_; }
  IdentityIndex& index() { return *index_; }
  std::mt19937_64& random() { return random_; }
  std::vector<std::string> Files() {
    const auto files = fs_.List("ids");
    return files.ok() ? *files : std::vector<std::string>();
  }
  uint64_t size() const { return log_.size(); }

 private:
  struct Group {
    uint64_t first_leaf = 0;
    IdentityJournal journal;
  };

  IdentityRunFolder::Options Folder() {
    return {.fs = &fs_, .dir = "ids", .owner = {.log_id = {1}, .key_check = {2, 3}}};
  }
  absl::Status Read(uint64_t begin, uint64_t end, IdentityTable* table) {
    for (uint64_t leaf = begin; leaf < end; ++leaf) {
      if (log_[leaf] == Fingerprint()) continue;
      EXPECT_TRUE(table->InsertNew(log_[leaf], leaf));
    }
    return absl::OkStatus();
  }
  Fingerprint AnyKey() {
    if (log_.empty() || random_() % 5 > 0) return {random_() | 1, random_()};
    const Fingerprint key = log_[random_() % log_.size()];
    return key == Fingerprint() ? Fingerprint{random_() | 1, random_()} : key;
  }
  uint64_t LeafOf(const Fingerprint& key) const {
    const auto it = leaves_.find(key.low);
    return it == leaves_.end() ? IdentityTable::kNotFound : it->second;
  }
  void ForgetLast() {
    leaves_.erase(log_.back().low);
    log_.pop_back();
  }

  FaultFileSystem fs_;
  std::mt19937_64 random_;
  std::vector<Fingerprint> log_;  // zero: a record without identity
  uint64_t durable_ = 0;
  std::map<uint64_t, uint64_t> leaves_;  // by the low half of the fingerprint
  std::deque<Group> groups_;             // not durable
  WaitingRefunds waiting_;
  std::unique_ptr<IdentityIndex> index_;
};

class IdentityIndexTest : public ::testing::Test {
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(IdentityIndexTest, EqualsAMapThroughFreezesMergesUndoAndRestarts) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    World world(seed);
    ASSERT_OK(world.Open());
    for (int step = 0; step < 600; ++step) {
      ASSERT_OK(world.Append());
      const uint64_t what = world.random()() % 40;
      if (what < 20) world.BecomeDurable(what % 4);
      if (what == 20) world.RollBack();
      if (what == 21) {
        ASSERT_OK(world.Open());
      }
      if (what == 22) world.ExpectAllThere();
      if (::testing::Test::HasFailure()) return;
    }
    world.BecomeDurable(0);
    ASSERT_OK(world.Settle());
    world.ExpectAllThere();
    world.ExpectGoodFiles();
    // Many tables became few runs.
    EXPECT_GT(world.index().older_end(), world.size() - 3000);
    EXPECT_LE(world.Files().size(), 8u);
    // The smallest tables, 64 KiB, one of which may still be looked at; filters of one block a part
    // at least.
    EXPECT_LT(world.index().bytes(), 2 * 65'536 + 2 * world.size() + 16 * 64 * 8);
  }
}

TEST_F(IdentityIndexTest, WhatIsNotDurableIsNotFrozen) {
  World world(1);
  ASSERT_OK(world.Open());
  for (int i = 0; i < 40; ++i) ASSERT_OK(world.Append());
  EXPECT_THAT(world.Files(), IsEmpty());
  world.RollBack();
  EXPECT_EQ(world.index().size(), 0u);
  for (int i = 0; i < 40; ++i) ASSERT_OK(world.Append());
  world.BecomeDurable(0);
  ASSERT_OK(world.Settle());
  world.ExpectAllThere();
  world.ExpectGoodFiles();
}

TEST_F(IdentityIndexTest, WhatLeavesMemoryWhileABatchIsJudgedIsKnown) {
  // Two full tables: one is pending, and the other is to follow it.
  World world(2);
  ASSERT_OK(world.Open());
  while (world.index().size() < 2 * World::kTableEntries + 100) ASSERT_OK(world.Append());
  // Before Prepare(), and behind it.
  for (const int step : {2, 1}) {
    int call = 0;
    ASSERT_OK(world.SendAgain([&] {
      if (++call != step) return;
      world.BecomeDurable(0);
      ASSERT_OK(world.Settle());
    }));
  }
  world.ExpectAllThere();
  EXPECT_FALSE(world.Files().empty());
}

TEST_F(IdentityIndexTest, ACrashAtAnyChangeLosesNothing) {
  // Counts the changes of a run without faults first.
  const auto script = [](World& world) -> absl::Status {
    for (int i = 0; i < 36; ++i) {
      TM_RETURN_IF_ERROR(world.Append());
      world.BecomeDurable(0);
      TM_RETURN_IF_ERROR(world.index().frozen().WaitUntilIdle());
    }
    return absl::OkStatus();
  };
  World counted(9);
  ASSERT_OK(counted.Open());
  const uint64_t before = counted.fs().changes();
  ASSERT_OK(script(counted));
  const uint64_t changes = counted.fs().changes() - before;
  ASSERT_GT(changes, 100u);
  RecordProperty("changes", static_cast<int>(changes));
  for (const Fault fault : {Fault::kCrashBefore, Fault::kTornCrash, Fault::kIoError,
                            Fault::kDiskFull, Fault::kNoFiles}) {
    // A crash at every change; errors, which are three times as many, at every third.
    const bool crash = fault == Fault::kCrashBefore || fault == Fault::kTornCrash;
    for (uint64_t nth = crash ? 1 : 1 + static_cast<uint64_t>(fault) % 3; nth <= changes;
         nth += crash ? 1 : 3) {
      SCOPED_TRACE(::testing::Message() << "fault " << static_cast<int>(fault) << " at " << nth);
      World world(9);
      if (fault == Fault::kCrashBefore && nth % 2 == 0) world.fs().KeepSomeAtCrash(nth);
      ASSERT_OK(world.Open());
      world.fs().FailChange(nth, fault);
      const absl::Status failed = script(world);
      if (crash) {
        ASSERT_OK(world.Open());
      } else {
        ASSERT_OK(world.Settle());
      }
      world.ExpectAllThere();
      ASSERT_OK(script(world)) << failed;
      world.ExpectAllThere();
      world.ExpectGoodFiles();
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST_F(IdentityIndexTest, AFullDiskRefusesWhatMemoryCannotTakeAndLosesNothing) {
  World world(3);
  ASSERT_OK(world.Open());
  world.fs().SetDiskFull(true);
  absl::Status refused;
  for (int i = 0; i < 200 && refused.ok(); ++i) {
    refused = world.Append(2000);
    world.BecomeDurable(0);
  }
  EXPECT_THAT(refused, ReasonIs("IDENTITY_MEMORY_FULL"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("free space")));
  EXPECT_LT(status::RetryAfterOf(refused), absl::InfiniteDuration());
  world.ExpectAllThere();
  world.fs().SetDiskFull(false);
  ASSERT_OK(world.Settle());
  for (int i = 0; i < 10; ++i) ASSERT_OK(world.Append());
  world.ExpectAllThere();
}

class IdentityDamageTest : public IdentityIndexTest {
 protected:
  IdentityDamageTest() {
    EXPECT_OK(world_.Open());
    // One run of several tables, and more in smaller ones.
    while (world_.size() < 7 * World::kTableEntries) {
      EXPECT_OK(world_.Append());
      world_.BecomeDurable(0);
      EXPECT_OK(world_.Settle());
    }
  }
  // Damages a page of entries; `page` counts from the file's start, and page 0 is the magic.
  void DamagePage(const std::string& file, uint64_t page) {
    EXPECT_OK(world_.fs().Corrupt(fs::JoinPath("ids", file), page * kIdentityPageBytes + 5, "#"));
  }

  World world_{5};
};

TEST_F(IdentityDamageTest, ADamagedRunIsMadeAgainWhenOpened) {
  for (const std::string& file : world_.Files()) {
    // Its end.
    ASSERT_OK_AND_ASSIGN(const std::string bytes, fs::ReadFile(world_.fs(), "ids/" + file));
    ASSERT_OK(world_.fs().Corrupt("ids/" + file, bytes.size() - 30, "#"));
  }
  ASSERT_OK(world_.Open());
  world_.ExpectAllThere();
  // Merges in the background take files away.
  ASSERT_OK(world_.Settle());
  world_.ExpectGoodFiles();
  for (const std::string& file : world_.Files()) ASSERT_OK(world_.fs().Remove("ids/" + file));
  ASSERT_OK(world_.Open());
  world_.ExpectAllThere();
  ASSERT_OK(world_.Settle());
  world_.ExpectGoodFiles();
}

TEST_F(IdentityDamageTest, ADamagedPageIsMadeAgainWhileInUse) {
  for (const std::string& file : world_.Files()) DamagePage(file, 1);
  absl::Status failed;
  for (int i = 0; i < 500 && failed.ok(); ++i) failed = world_.Append();
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("made again")));
  EXPECT_THAT(failed, ReasonIs("IDENTITY_RUN_DAMAGED"));
  // Each of them, as it is met.
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK(world_.Settle());
    for (int k = 0; k < 20; ++k) world_.Append().IgnoreError();
    world_.BecomeDurable(0);
  }
  ASSERT_OK(world_.Settle());
  world_.ExpectAllThere();
  world_.ExpectGoodFiles();
}

TEST_F(IdentityDamageTest, ABadSectorIsMadeAgainAndMergingGoesOn) {
  for (const std::string& file : world_.Files()) {
    world_.fs().FailReads(fs::JoinPath("ids", file), kIdentityPageBytes + 100);
  }
  // Nobody looks anything up there, but the runs are to be merged.
  for (uint64_t end = 2 * world_.size(); world_.size() < end;) {
    world_.Append().IgnoreError();
    world_.BecomeDurable(0);
    ASSERT_OK(world_.Settle());
  }
  world_.ExpectAllThere();
  world_.ExpectGoodFiles();
}

}  // namespace
}  // namespace tidemark::ingest
