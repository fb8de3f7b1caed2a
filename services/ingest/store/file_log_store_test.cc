#include "services/ingest/store/file_log_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/control.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/ingest/store/log_fixture.h"
#include "services/ingest/store/waiting_refunds.h"

namespace tidemark::ingest {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

class FileLogStoreTest : public ::testing::Test {
 protected:
  FileLogStoreTest() { Open(); }

  void Open(std::function<void(FileLogStore::Options&)> change = {}) {
    log_.reset();
    FileLogStore::Options options{.fs = fs_.get(),
                                  .clock = &clock_,
                                  .dir = dir_.path(),
                                  .checkpoint_interval = absl::ZeroDuration()};
    if (change) change(options);
    auto opened = FileLogStore::Open(options);
    ASSERT_OK(opened);
    log_ = *std::move(opened);
  }
  // What the offline check says; the log is closed for it and opened again.
  void ExpectGoodLog() {
    log_.reset();
    const uint64_t leaves = LeavesOfGoodLog(*fs_, dir_.path());
    Open();
    EXPECT_EQ(leaves, log_->state().size);
  }

  testing::TempDir dir_;
  testing::FakeClock clock_;
  std::unique_ptr<fs::FileSystem> fs_ = fs::NewPosixFileSystem();
  std::unique_ptr<FileLogStore> log_;
};

// With tables of so many identities; 0: all are in memory.
class CollidingFingerprintsTest : public FileLogStoreTest,
                                  public ::testing::WithParamInterface<uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Tables, CollidingFingerprintsTest, ::testing::Values(0, 16));

TEST_P(CollidingFingerprintsTest, AreToldApartByTheLog) {
  testing::TempDir other;
  // Eight different fingerprints in all.
  const auto collide = [&other](FileLogStore::Options& o) {
    o.dir = other.path();
    o.fingerprint_mask_for_testing = 7;
    o.identity_table_entries_for_testing = GetParam();
  };
  Open(collide);
  std::map<std::string, uint64_t> model;
  std::mt19937_64 random(1);
  for (int round = 0; round < 60; ++round) {
    if (round == 30) Open(collide);
    std::vector<TestEvent> events;
    for (int i = 0; i < 5; ++i) events.push_back({.id = absl::StrCat("e", random() % 150)});
    const AppendResult result = Append(*log_, events);
    ASSERT_OK(result.status);
    size_t exception = 0;
    uint64_t leaf = result.first_leaf;
    for (uint32_t row = 0; row < events.size(); ++row) {
      const auto [it, inserted] = model.emplace(events[row].id, leaf);
      if (inserted) {
        ++leaf;
        continue;
      }
      ASSERT_LT(exception, result.exceptions.size());
      EXPECT_EQ(result.exceptions[exception].row, row);
      EXPECT_EQ(result.exceptions[exception].leaf, it->second);
      ++exception;
    }
    EXPECT_EQ(exception, result.exceptions.size());
  }
  for (const auto& [id, leaf] : model) EXPECT_EQ(ReadEvent(*log_, leaf).id, id);
}

TEST_F(FileLogStoreTest, RefundsThatWaitForOriginalsOfTheirOwnAreBoundedTogether) {
  Open([](FileLogStore::Options& options) { options.identity_memory = 1 << 20; });
  constexpr size_t kMost = (1 << 20) / 8 / WaitingRefunds::kBytesEach;
  std::vector<TestEvent> refunds;
  for (size_t i = 0; i < kMost + 2; ++i) {
    refunds.push_back({.id = absl::StrCat("r", i), .refund_of = absl::StrCat("buy", i)});
  }
  const AppendResult result = Append(*log_, refunds);
  EXPECT_EQ(result.accepted, kMost);
  ASSERT_EQ(result.exceptions.size(), 2u);
  EXPECT_EQ(result.exceptions[0].outcome, Outcome::kTooManyWaiting);
  // Those that wait may still be resolved, and make room.
  ASSERT_OK(Append(*log_, Events({"buy0"})).status);
  EXPECT_EQ(Append(*log_, {refunds[kMost]}).accepted, 1u);
  EXPECT_EQ(Append(*log_, {refunds[kMost + 1]}).accepted, 0u);
  ExpectGoodLog();
}

TEST_F(FileLogStoreTest, FilesRollAndTheLogGoesOn) {
  Open([](auto& o) { o.roll_bytes = 2000; });
  for (int i = 0; i < 20; ++i) Append(*log_, Numbered(20 * i, 20 * (i + 1)));
  ASSERT_OK_AND_ASSIGN(const auto files, fs_->List(dir_.File("blocks")));
  EXPECT_GT(files.size(), 3u);
  EXPECT_EQ(files[0], "00000000000000000000.tmb");
  Open([](auto& o) { o.roll_bytes = 2000; });
  Append(*log_, Numbered(390, 420));
  EXPECT_EQ(log_->state().identities, 420u);
  ExpectGoodLog();
}

TEST_F(FileLogStoreTest, MoreIdentitiesThanMemoryHoldsAreRemembered) {
  constexpr size_t kMemory = 192 << 10;
  constexpr size_t kEvents = 20'000;
  const auto small = [](FileLogStore::Options& o) { o.identity_memory = kMemory; };
  Open(small);
  for (size_t i = 0; i < kEvents; i += 500) Append(*log_, Numbered(i, i + 500));
  for (const std::string refund : {"r0", "r1"}) {
    const uint64_t before = log_->state().identities;
    EXPECT_EQ(Append(*log_, Numbered(0, kEvents)).exceptions.size(), kEvents);
    const AppendResult refunds = Append(*log_, {{.id = refund, .refund_of = "e7"}});
    ASSERT_OK(refunds.status);
    // Leaf 0 is the catalog mark.
    EXPECT_EQ(ReadEvent(*log_, refunds.first_leaf).original_leaf, 8u);
    EXPECT_EQ(LeafOf(*log_, "shop", "e11"), 12u);
    EXPECT_EQ(LeafOf(*log_, "shop", "other"), ledger::kNoLeaf);
    EXPECT_EQ(log_->state().identities, before + 1);
    Open(small);
    EXPECT_EQ(log_->state().identities, before + 1);
  }
  // One table at most, and 1.5 bytes and fences for each of the others.
  EXPECT_LE(log_->state().identity_bytes, kMemory + 2 * kEvents);
  ASSERT_OK_AND_ASSIGN(const auto runs, fs_->List(dir_.File("identities")));
  EXPECT_FALSE(runs.empty());
  ExpectGoodLog();
}

TEST_F(FileLogStoreTest, RevisionsAndTransactionsThatLeftMemoryAreLinked) {
  constexpr size_t kEvents = 20'000;
  const auto small = [](FileLogStore::Options& o) { o.identity_memory = 192 << 10; };
  Open(small);
  Append(*log_, {{.id = "first", .transaction = "t"}});
  for (size_t i = 0; i < kEvents; i += 500) Append(*log_, Numbered(i, i + 500));
  for (uint32_t revision = 1; revision < 4; ++revision) {
    const AppendResult result =
        Append(*log_, {{.id = "first", .revision = revision, .transaction = "t"},
                       {.id = "e7", .revision = revision},
                       {.id = "e7"}});
    ASSERT_OK(result.status);
    ASSERT_EQ(result.accepted, 2u);
    EXPECT_EQ(result.exceptions.at(0).leaf, 9u);
    EXPECT_EQ(ReadEvent(*log_, result.first_leaf).transaction_leaf, 1u);
    EXPECT_EQ(ReadEvent(*log_, result.first_leaf + 1).previous_leaf,
              revision == 1 ? 9u : result.first_leaf - 1);
    Open(small);
  }
  ExpectGoodLog();
}

TEST_F(FileLogStoreTest, TheFolderHasOneOwner) {
  const auto second = FileLogStore::Open({.fs = fs_.get(), .clock = &clock_, .dir = dir_.path()});
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("LOCK")));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("--store=grpc://"));
  EXPECT_THAT(CheckLog(*fs_, dir_.path()), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(FileLogStoreTest, TheNameOfALogIsFixed) {
  log_.reset();
  const auto renamed =
      FileLogStore::Open({.fs = fs_.get(), .clock = &clock_, .dir = dir_.path(), .name = "other"});
  EXPECT_THAT(renamed, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--log_name")));
  testing::TempDir fresh;
  ASSERT_OK_AND_ASSIGN(const auto named, FileLogStore::Open({.fs = fs_.get(),
                                                             .clock = &clock_,
                                                             .dir = fresh.path(),
                                                             .name = "stats.example/ledger"}));
  EXPECT_THAT(named->verifier_key(), ::testing::StartsWith("stats.example/ledger+"));
  EXPECT_THAT(FileLogStore::Open(
                  {.fs = fs_.get(), .clock = &clock_, .dir = fresh.File("x"), .name = "a b"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--log_name")));
}

TEST_F(FileLogStoreTest, AMissingKeyIsNotReplaced) {
  Append(*log_, Events({"a"}));
  log_.reset();
  for (const char* key : {"keys/salt.key", "keys/identity.key", "keys/signing.key"}) {
    const std::string path = dir_.File(key);
    ASSERT_OK_AND_ASSIGN(const std::string bytes, fs::ReadFile(*fs_, path));
    ASSERT_OK(fs_->Remove(path));
    EXPECT_THAT(FileLogStore::Open({.fs = fs_.get(), .clock = &clock_, .dir = dir_.path()}),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("restore")));
    ASSERT_OK(fs::WriteFileAtomically(*fs_, path, bytes));
  }
  Open();
}

}  // namespace
}  // namespace tidemark::ingest
