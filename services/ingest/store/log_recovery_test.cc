// Damage to the files of a log, byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/store/log_check.h"
#include "services/ingest/store/log_fixture.h"

namespace tidemark::ingest {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::FaultFileSystem;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

class LogRecoveryTest : public ::testing::Test {
 protected:
  static constexpr int kBlocks = 4;

  LogRecoveryTest() {
    FaultFileSystem fs;
    auto log = Open(fs);
    EXPECT_OK(log);
    for (int i = 0; i < kBlocks; ++i) {
      Append(**log, Numbered(3 * i, 3 * (i + 1)));
      const auto ref = (*log)->FindBlock((*log)->state().size - 1);
      ends_.push_back(ref->offset + ref->bytes);
      leaves_.push_back(ref->end_leaf());
    }
    EXPECT_OK((*log)->SignCheckpoint());
    log->reset();
    for (const char* path :
         {"log/log.meta", "log/keys/signing.key", "log/keys/salt.key", "log/keys/pseudonym.key",
          "log/keys/identity.key", kBlockFile, "log/checkpoint"}) {
      files_[path] = *fs::ReadFile(fs, path);
    }
  }

  static absl::StatusOr<std::unique_ptr<FileLogStore>> Open(FaultFileSystem& fs,
                                                            uint64_t roll_bytes = 1 << 20) {
    static const testing::FakeClock clock;
    return FileLogStore::Open({.fs = &fs,
                               .clock = &clock,
                               .dir = "log",
                               .roll_bytes = roll_bytes,
                               .checkpoint_interval = absl::ZeroDuration()});
  }
  // A disk with the log on it, with these changes.
  void Restore(FaultFileSystem* fs, const std::map<std::string, std::string>& changes,
               bool checkpoint) {
    ASSERT_OK(fs->MakeDirs("log/keys"));
    ASSERT_OK(fs->MakeDirs("log/blocks"));
    for (const auto& [path, bytes] : files_) {
      if (path == "log/checkpoint" && !checkpoint) continue;
      const auto it = changes.find(path);
      ASSERT_OK(fs::WriteFileAtomically(*fs, path, it == changes.end() ? bytes : it->second));
    }
  }
  const std::string& blocks() { return files_[kBlockFile]; }

  static constexpr const char* kBlockFile = "log/blocks/00000000000000000000.tmb";
  std::map<std::string, std::string> files_;
  std::vector<uint64_t> ends_;    // of the blocks, in bytes
  std::vector<uint64_t> leaves_;  // of the blocks
  // Lines about torn writes are wanted here and of no interest.
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(LogRecoveryTest, TruncationAtEveryByteLeavesTheWholeBlocks) {
  for (uint64_t size = 0; size <= blocks().size(); ++size) {
    FaultFileSystem fs;
    Restore(&fs, {{kBlockFile, blocks().substr(0, size)}}, /*checkpoint=*/false);
    auto log = Open(fs);
    ASSERT_OK(log) << size;
    uint64_t want = 0;
    uint64_t end = 0;
    for (int i = 0; i < kBlocks && ends_[i] <= size; ++i) {
      want = leaves_[i];
      end = ends_[i];
    }
    EXPECT_EQ((*log)->state().size, want) << size;
    EXPECT_EQ((*log)->torn_bytes(), size - end) << size;
    // The log goes on behind the last whole block.
    if (size % 37 != 0) continue;
    ASSERT_OK(Append(**log, Events({"after"})).status);
    log->reset();
    ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(fs, "log"));
    EXPECT_THAT(report.problems, ::testing::ElementsAre());
  }
}

TEST_F(LogRecoveryTest, ALogBehindItsCheckpointIsNotOpenedAndNotChanged) {
  for (uint64_t size = 0; size < blocks().size(); size += 13) {
    FaultFileSystem fs;
    Restore(&fs, {{kBlockFile, blocks().substr(0, size)}}, /*checkpoint=*/true);
    const auto log = Open(fs);
    EXPECT_THAT(log, ReasonIs("LOG_BEHIND_CHECKPOINT"));
    EXPECT_THAT(log, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("backup")));
    EXPECT_EQ(fs::ReadFile(fs, kBlockFile)->size(), size);
  }
}

TEST_F(LogRecoveryTest, NoFlippedBitGoesUnnoticed) {
  for (size_t at = 0; at < blocks().size(); ++at) {
    std::string damaged = blocks();
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    for (const bool checkpoint : {true, false}) {
      FaultFileSystem fs;
      Restore(&fs, {{kBlockFile, damaged}}, checkpoint);
      const auto log = Open(fs);
      const bool in_last_block = at >= ends_[kBlocks - 2];
      if (in_last_block && !checkpoint) {
        // Looks like a torn write, and nothing says that it was acknowledged.
        ASSERT_OK(log);
        EXPECT_EQ((*log)->state().size, leaves_[kBlocks - 2]);
        continue;
      }
      EXPECT_FALSE(log.ok()) << at;
      EXPECT_EQ(*fs::ReadFile(fs, kBlockFile), damaged) << "the file must not be changed";
      if (in_last_block) continue;
      EXPECT_THAT(log, StatusIs(absl::StatusCode::kDataLoss, HasSubstr(kBlockFile)));
      uint64_t offset = 0;
      for (int i = 0; i < kBlocks && ends_[i] <= at; ++i) offset = ends_[i];
      EXPECT_THAT(std::string(log.status().message()),
                  HasSubstr(absl::StrCat("offset ", offset, ":")));
    }
  }
}

TEST_F(LogRecoveryTest, ABlockCutOutOfTheMiddleIsDataLoss) {
  FaultFileSystem fs;
  Restore(&fs, {{kBlockFile, blocks().substr(0, ends_[0]) + blocks().substr(ends_[1])}}, false);
  EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("want")));
}

TEST_F(LogRecoveryTest, ABlockOfAnotherLogIsDataLoss) {
  FaultFileSystem other;
  auto log = Open(other);
  ASSERT_OK(log);
  Append(**log, Events({"x"}));
  log->reset();
  FaultFileSystem fs;
  Restore(&fs, {{kBlockFile, *fs::ReadFile(other, kBlockFile)}}, false);
  EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("another log")));
}

TEST_F(LogRecoveryTest, BlocksRewrittenUnderTheCheckpointAreDataLoss) {
  // The same keys and log id, other events: every checksum is right, but the tree is another.
  FaultFileSystem fs;
  Restore(&fs, {{kBlockFile, ""}}, /*checkpoint=*/false);
  auto log = Open(fs);
  ASSERT_OK(log);
  for (int i = 0; i < kBlocks; ++i) Append(**log, Numbered(100 + 3 * i, 100 + 3 * (i + 1)));
  log->reset();
  ASSERT_OK(fs::WriteFileAtomically(fs, "log/checkpoint", files_["log/checkpoint"]));
  EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("checkpoint")));
}

TEST_F(LogRecoveryTest, AMissingFileInTheMiddleIsDataLoss) {
  FaultFileSystem fs;
  auto log = Open(fs, /*roll_bytes=*/1);
  ASSERT_OK(log);
  for (int i = 0; i < 3; ++i) Append(**log, Numbered(10 * i, 10 * (i + 1)));
  log->reset();
  ASSERT_OK_AND_ASSIGN(const auto names, fs.List("log/blocks"));
  ASSERT_EQ(names.size(), 3u);
  ASSERT_OK_AND_ASSIGN(const std::string middle, fs::ReadFile(fs, "log/blocks/" + names[1]));
  ASSERT_OK(fs.Remove("log/blocks/" + names[1]));
  EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("missing")));
  // Torn in the middle: a later file follows, so it is no torn write.
  ASSERT_OK(
      fs::WriteFileAtomically(fs, "log/blocks/" + names[1], middle.substr(0, middle.size() - 1)));
  EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("later file")));
}

TEST_F(LogRecoveryTest, DamagedMetaAndCheckpointSayWhatToDo) {
  const std::pair<const char*, std::string> changes[] = {
      {"log/log.meta", "something else\n"},
      {"log/log.meta", "tidemark-log 1\nlog_id 12\ncreated_us 1\nname x\n"},
      {"log/keys/salt.key", "zz\n"},
      {"log/checkpoint", "no checkpoint\n"},
  };
  for (const auto& [path, bytes] : changes) {
    FaultFileSystem fs;
    Restore(&fs, {{path, bytes}}, /*checkpoint=*/true);
    EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path)));
  }
  FaultFileSystem fs;
  Restore(&fs, {{"log/log.meta", "tidemark-log 2\n"}}, true);
  EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("release")));
}

TEST_F(LogRecoveryTest, BlocksWithoutMetaAreNotTakenForANewLog) {
  FaultFileSystem fs;
  Restore(&fs, {}, true);
  ASSERT_OK(fs.Remove("log/log.meta"));
  EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("restore")));
}

TEST_F(LogRecoveryTest, TheOfflineCheckFindsWhatOpeningFinds) {
  FaultFileSystem good;
  Restore(&good, {}, true);
  ASSERT_OK_AND_ASSIGN(LogCheckReport report, CheckLog(good, "log"));
  EXPECT_THAT(report.problems, ::testing::ElementsAre());
  EXPECT_EQ(report.leaves, leaves_.back());
  EXPECT_EQ(report.events, 3u * kBlocks);
  EXPECT_EQ(report.blocks, static_cast<uint64_t>(kBlocks));
  EXPECT_EQ(report.catalog_version, 1u);
  EXPECT_EQ(report.checkpoint_size, leaves_.back());
  EXPECT_THAT(ToText(report), HasSubstr("good"));

  std::string damaged = blocks();
  damaged[ends_[1] - 3] = static_cast<char>(damaged[ends_[1] - 3] ^ 1);
  FaultFileSystem bad;
  Restore(&bad, {{kBlockFile, damaged}}, true);
  ASSERT_OK_AND_ASSIGN(report, CheckLog(bad, "log"));
  EXPECT_THAT(report.problems, ::testing::Contains(HasSubstr("offset")));
  EXPECT_THAT(ToText(report), HasSubstr("damaged"));

  FaultFileSystem torn;
  Restore(&torn, {{kBlockFile, blocks() + "torn"}}, true);
  ASSERT_OK_AND_ASSIGN(report, CheckLog(torn, "log"));
  EXPECT_THAT(report.problems, ::testing::ElementsAre());
  EXPECT_EQ(report.torn_bytes, 4u);
  EXPECT_EQ(fs::ReadFile(torn, kBlockFile)->size(), blocks().size() + 4) << "nothing is cut";

  FaultFileSystem none;
  EXPECT_THAT(CheckLog(none, "log"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("--data")));
}

TEST_F(LogRecoveryTest, TheOfflineCheckFindsALeafThatWasNotWhatWasHashed) {
  // Another salt key derives other commitments only where there is a private part, so the log
  // of a stranger's key is told by its leaves.
  FaultFileSystem fs;
  auto log = Open(fs);
  ASSERT_OK(log);
  auto pending = std::make_unique<PendingBatch>();
  pending->events.push_back({.id = "a"});
  pending->batch.principal = "tester";
  pending->batch.stamp.version = 1;
  ledger::EventRecord record = pending->events[0].Record();
  const ledger::Attribute attribute{"k", "v"};
  record.attributes = {&attribute, 1};
  pending->batch.rows.push_back(record);
  pending->result = pending->promise.get_future();
  pending->batch.done = [&](AppendResult r) { pending->promise.set_value(std::move(r)); };
  (*log)->Append(&pending->batch);
  ASSERT_OK(pending->result.get().status);
  log->reset();
  ASSERT_OK(fs::WriteFileAtomically(fs, "log/keys/salt.key", std::string(64, 'a') + "\n"));
  ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(fs, "log"));
  EXPECT_EQ(report.problems.size(), 1u);
}

}  // namespace
}  // namespace tidemark::ingest
