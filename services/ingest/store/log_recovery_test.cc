// Damage to the files of a log, byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/block_reader.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/merkle.h"
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
  // The blocks, with those from `first` to `last` stamped as one write.
  std::string AsOneWrite(int first, int last) {
    std::string bytes = blocks();
    for (int i = first; i <= last; ++i) {
      const uint64_t begin = i == 0 ? 0 : ends_[i - 1];
      const std::string header = ledger::HeaderInWrite(std::string_view(bytes).substr(begin),
                                                       first == 0 ? 0 : leaves_[first - 1]);
      bytes.replace(begin, header.size(), header);
    }
    return bytes;
  }

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

// A power failure may leave any blocks of the write that was under way.
TEST_F(LogRecoveryTest, AnyPartOfTheLastWriteMayBeThere) {
  // Blocks 1 to 3 were one write.
  const std::string one_write = AsOneWrite(1, 3);
  for (int lost = 1; lost < 1 << 3; ++lost) {
    SCOPED_TRACE(lost);
    std::string torn = one_write;
    int first_lost = 0;
    for (int i = 3; i >= 1; --i) {
      if ((lost >> (i - 1) & 1) == 0) continue;
      first_lost = i;
      // Its middle never came to the disk.
      const uint64_t begin = ends_[i - 1] + 10;
      std::fill(torn.begin() + static_cast<ptrdiff_t>(begin),
                torn.begin() + static_cast<ptrdiff_t>(ends_[i] - 10), '\0');
    }
    FaultFileSystem fs;
    Restore(&fs, {{kBlockFile, torn}}, /*checkpoint=*/false);
    auto log = Open(fs);
    ASSERT_OK(log);
    EXPECT_EQ((*log)->state().size, leaves_[first_lost - 1]);
    EXPECT_EQ((*log)->torn_bytes(), torn.size() - ends_[first_lost - 1]);
    ASSERT_OK(Append(**log, Events({"after"})).status);
    log->reset();
    ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(fs, "log"));
    EXPECT_THAT(report.problems, ::testing::ElementsAre());
    // What a checkpoint covers was durable.
    FaultFileSystem signed_fs;
    Restore(&signed_fs, {{kBlockFile, torn}}, /*checkpoint=*/true);
    EXPECT_THAT(Open(signed_fs),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr(absl::StrCat("offset ", ends_[first_lost - 1], ":"))));
  }
}

TEST_F(LogRecoveryTest, ABadBlockOfAnEarlierWriteIsDataLoss) {
  // Blocks 0 and 1 were one write, 2 and 3 another.
  const std::string first = AsOneWrite(0, 1);
  const std::string blocks = first.substr(0, ends_[1]) + AsOneWrite(2, 3).substr(ends_[1]);
  for (const int bad : {0, 1}) {
    std::string damaged = blocks;
    // The first block of the later write is gone as well: the second tells.
    damaged[ends_[bad] - 20] = static_cast<char>(damaged[ends_[bad] - 20] ^ 1);
    damaged[ends_[2] - 20] = static_cast<char>(damaged[ends_[2] - 20] ^ 1);
    FaultFileSystem fs;
    Restore(&fs, {{kBlockFile, damaged}}, /*checkpoint=*/false);
    EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("later writes")));
    EXPECT_EQ(*fs::ReadFile(fs, kBlockFile), damaged);
  }
}

TEST_F(LogRecoveryTest, ABadSectorIsNamedAndKillsNobody) {
  for (const int block : {0, kBlocks - 1}) {
    FaultFileSystem fs;
    Restore(&fs, {}, /*checkpoint=*/true);
    fs.FailReads(kBlockFile, ends_[block] - 5);
    EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss,
                                   ::testing::AllOf(HasSubstr(kBlockFile), HasSubstr("offset "),
                                                    HasSubstr("Input/output error"))));
    ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(fs, "log"));
    EXPECT_THAT(report.problems, ::testing::Contains(HasSubstr("Input/output error")));
  }
}

TEST_F(LogRecoveryTest, BlocksGroupedOtherwiseUnderTheCheckpointAreDataLoss) {
  // Other events in other groups: no block ends at the checkpoint's size.
  FaultFileSystem fs;
  Restore(&fs, {{kBlockFile, ""}}, /*checkpoint=*/false);
  auto log = Open(fs);
  ASSERT_OK(log);
  Append(**log, Numbered(100, 100 + leaves_.back() + 3));
  log->reset();
  ASSERT_OK(fs::WriteFileAtomically(fs, "log/checkpoint", files_["log/checkpoint"]));
  EXPECT_THAT(Open(fs), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no block ends at")));
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

TEST_F(LogRecoveryTest, TheOfflineCheckHoldsTheLogAgainstACheckpointThatWasKept) {
  FaultFileSystem fs;
  Restore(&fs, {}, true);
  const auto fails_with = [](FaultFileSystem& log, const std::string& kept, const char* why) {
    ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(log, "log", kept));
    EXPECT_THAT(report.problems, ::testing::Contains(HasSubstr(why)));
  };
  const auto refuses = [](FaultFileSystem& log, const std::string& kept, const char* why) {
    EXPECT_THAT(CheckLog(log, "log", kept),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
  };
  ASSERT_OK_AND_ASSIGN(const std::string signing, fs::ReadFile(fs, "log/keys/signing.key"));
  ASSERT_OK_AND_ASSIGN(const ledger::NoteSigner signer,
                       ledger::NoteSigner::FromText(absl::StripAsciiWhitespace(signing)));
  // The tree when the second block was there, from the headers.
  ledger::CompactRange tree;
  for (size_t block = 0; block < 2; ++block) {
    const uint64_t begin = block == 0 ? 0 : ends_[block - 1];
    ASSERT_OK_AND_ASSIGN(
        const ledger::BlockReader reader,
        ledger::BlockReader::Open(std::string_view(blocks()).substr(begin, ends_[block] - begin)));
    ASSERT_OK(tree.Append(reader.header().range()));
  }
  const auto note = [&](uint64_t size, ledger::Hash root) {
    return *ledger::SignCheckpoint({.origin = signer.verifier().name(), .size = size, .root = root},
                                   signer);
  };
  ASSERT_OK_AND_ASSIGN(const LogCheckReport report,
                       CheckLog(fs, "log", note(tree.end(), tree.Root())));
  EXPECT_THAT(report.problems, ::testing::ElementsAre());
  EXPECT_EQ(report.kept_size, tree.end());
  fails_with(fs, note(tree.end(), {}), "are not those of the checkpoint");
  fails_with(fs, note(tree.end() - 1, tree.Root()), "no block ends with");
  fails_with(fs, note(leaves_.back() + 1, tree.Root()), "leaves are gone");
  refuses(fs, "no note", "not a checkpoint that this log signed");
  const ledger::NoteSigner other = *ledger::NoteSigner::FromSeed(signer.verifier().name(), {9});
  refuses(fs, *ledger::SignCheckpoint({.origin = other.verifier().name(), .size = 1}, other),
          "not a checkpoint that this log signed");
}

TEST_F(LogRecoveryTest, TheOfflineCheckGoesOnWithTheNextFile) {
  FaultFileSystem fs;
  auto log = Open(fs, /*roll_bytes=*/1);
  ASSERT_OK(log);
  for (int i = 0; i < 5; ++i) Append(**log, Numbered(10 * i, 10 * (i + 1)));
  const uint64_t leaves = (*log)->state().size;
  log->reset();
  ASSERT_OK_AND_ASSIGN(const auto names, fs.List("log/blocks"));
  ASSERT_EQ(names.size(), 5u);
  for (const int bad : {1, 3}) ASSERT_OK(fs.Corrupt("log/blocks/" + names[bad], 100, "damage"));
  ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(fs, "log"));
  EXPECT_THAT(report.problems, ::testing::ElementsAre(HasSubstr(names[1]), HasSubstr(names[3])));
  EXPECT_EQ(report.files, 5u);
  EXPECT_EQ(report.leaves, leaves - 20);
  EXPECT_EQ(report.root, "");
}

TEST_F(LogRecoveryTest, TheOfflineCheckChangesNothing) {
  FaultFileSystem fs;
  Restore(&fs, {{kBlockFile, blocks() + "torn"}}, true);
  ASSERT_OK(Open(fs));  // leaves a LOCK
  ASSERT_OK_AND_ASSIGN(const auto before, fs.List("log"));
  const uint64_t changes = fs.changes();
  ASSERT_OK(CheckLog(fs, "log"));
  EXPECT_EQ(fs.changes(), changes);
  EXPECT_THAT(fs.List("log"), tidemark::testing::IsOkAndHolds(before));
  // Nor does it make what is missing.
  FaultFileSystem no_blocks;
  ASSERT_OK(no_blocks.MakeDirs("log/keys"));
  for (const auto& [path, bytes] : files_) {
    if (path == kBlockFile) continue;
    ASSERT_OK(fs::WriteFileAtomically(no_blocks, path, bytes));
  }
  ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(no_blocks, "log"));
  EXPECT_THAT(report.problems, ::testing::Contains(HasSubstr("log/blocks")));
  EXPECT_THAT(no_blocks.Exists("log/blocks"), tidemark::testing::IsOkAndHolds(false));
  // A service keeps it out, and names itself.
  auto log = Open(fs);
  ASSERT_OK(log);
  EXPECT_THAT(CheckLog(fs, "log"), ReasonIs("LOG_IN_USE"));
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
  pending->batch.rows.Append(record);
  pending->result = pending->promise.get_future();
  pending->batch.done = [&](AppendResult r) { pending->promise.set_value(std::move(r)); };
  (*log)->Append(&pending->batch);
  ASSERT_OK(pending->result.get().status);
  log->reset();
  ASSERT_OK(fs::WriteFileAtomically(fs, "log/keys/salt.key", std::string(64, 'a') + "\n"));
  EXPECT_THAT(CheckLog(fs, "log"), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("salt.key")));
  // A log of an earlier release has no sums of its keys.
  ASSERT_OK(fs.Remove("log/checksums"));
  ASSERT_OK_AND_ASSIGN(const LogCheckReport report, CheckLog(fs, "log"));
  EXPECT_EQ(report.problems.size(), 1u);
}

}  // namespace
}  // namespace tidemark::ingest
