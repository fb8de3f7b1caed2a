#include "common/testing/fault_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/status_matchers.h"

namespace tidemark::testing {
namespace {

using Fault = FaultFileSystem::Fault;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kFull = absl::StatusCode::kResourceExhausted;

// A file whose name is durable and whose bytes are "old".
class FaultFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(fs_.MakeDirs("d"));
    ASSERT_OK_AND_ASSIGN(file_, fs_.OpenAppend("d/f"));
    ASSERT_OK(file_->Append("old"));
    ASSERT_OK(file_->Sync());
    ASSERT_OK(fs_.SyncDir("d"));
  }
  std::string Content(const std::string& path) {
    const auto content = fs::ReadFile(fs_, path);
    return content.ok() ? *content : content.status().ToString();
  }

  FaultFileSystem fs_;
  std::unique_ptr<fs::File> file_;
};

TEST_F(FaultFileSystemTest, CrashDropsWhatWasNotSynced) {
  ASSERT_OK(file_->Append("new"));
  EXPECT_EQ(Content("d/f"), "oldnew");
  fs_.Crash();
  EXPECT_EQ(Content("d/f"), "old");
  EXPECT_THAT(file_->Append("x"), StatusIs(kUnavailable));
  EXPECT_THAT(file_->Sync(), StatusIs(kUnavailable));
}

TEST_F(FaultFileSystemTest, CrashUndoesOverwritesAndTruncation) {
  ASSERT_OK(file_->PWrite(1, "XY"));
  ASSERT_OK(file_->Sync());
  ASSERT_OK(file_->PWrite(0, "Z"));
  ASSERT_OK(file_->Truncate(1));
  EXPECT_EQ(Content("d/f"), "Z");
  fs_.Crash();
  EXPECT_EQ(Content("d/f"), "oXY");
}

TEST_F(FaultFileSystemTest, SyncedTruncationStays) {
  ASSERT_OK(file_->Truncate(1));
  ASSERT_OK(file_->Append("pq"));
  ASSERT_OK(file_->Sync());
  fs_.Crash();
  EXPECT_EQ(Content("d/f"), "opq");
}

TEST_F(FaultFileSystemTest, ACrashMayKeepAnyPartOfWhatWasNotSynced) {
  const std::string old(4096, 'o');
  const std::string overwritten(2048, 'n');
  const std::string appended(4096, 'a');
  bool hole = false, kept_later = false, new_name = false;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    FaultFileSystem fs;
    fs.KeepSomeAtCrash(seed);
    ASSERT_OK(fs.MakeDirs("d"));
    ASSERT_OK(fs::WriteFileAtomically(fs, "d/f", old));
    ASSERT_OK_AND_ASSIGN(auto file, fs.OpenAppend("d/f"));
    ASSERT_OK(file->PWrite(1024, overwritten));
    ASSERT_OK(file->Append(appended));
    ASSERT_OK(fs.OpenAppend("d/new"));
    fs.Crash();
    ASSERT_OK_AND_ASSIGN(const std::string data, fs::ReadFile(fs, "d/f"));
    ASSERT_GE(data.size(), old.size()) << "what was synced is there";
    for (size_t at = 0; at < data.size(); ++at) {
      const bool untouched = at < 1024 || (at >= 3072 && at < 4096);
      const std::string may = untouched ? "o" : at < 4096 ? "on" : std::string("a\0", 2);
      ASSERT_NE(may.find(data[at]), std::string::npos) << at;
    }
    const size_t zero = data.find('\0');
    hole |= zero != std::string::npos;
    kept_later |= zero != std::string::npos && data.find('a', zero) != std::string::npos;
    ASSERT_OK_AND_ASSIGN(const bool exists, fs.Exists("d/new"));
    new_name |= exists;
  }
  EXPECT_TRUE(hole);
  EXPECT_TRUE(kept_later) << "a later sector without an earlier one";
  EXPECT_TRUE(new_name);
}

TEST_F(FaultFileSystemTest, ABadSectorFailsTheReadsThatTouchIt) {
  fs_.FailReads("d/f", 1);
  char buffer[3];
  EXPECT_THAT(file_->PRead(0, 3, buffer), StatusIs(kDataLoss, HasSubstr("Input/output error")));
  EXPECT_OK(file_->PRead(2, 1, buffer));
}

TEST_F(FaultFileSystemTest, WithoutDescriptorsNothingIsChanged) {
  fs_.FailChange(1, Fault::kNoFiles);
  EXPECT_THAT(fs_.OpenAppend("d/new"), StatusIs(kUnavailable, HasSubstr("Too many open files")));
  EXPECT_THAT(fs_.Exists("d/new"), IsOkAndHolds(false));
}

TEST_F(FaultFileSystemTest, GapsReadAsZeroes) {
  ASSERT_OK(file_->PWrite(5, "z"));
  ASSERT_OK(file_->Sync());
  fs_.Crash();
  EXPECT_EQ(Content("d/f"), std::string("old\0\0z", 6));
}

TEST_F(FaultFileSystemTest, NamesNeedTheirFolderSynced) {
  ASSERT_OK_AND_ASSIGN(auto other, fs_.OpenAppend("d/g"));
  ASSERT_OK(other->Append("g"));
  ASSERT_OK(other->Sync());
  ASSERT_OK(fs_.Rename("d/f", "d/h"));
  EXPECT_THAT(fs_.List("d"), IsOkAndHolds(ElementsAre("g", "h")));
  fs_.Crash();
  EXPECT_THAT(fs_.List("d"), IsOkAndHolds(ElementsAre("f")));
  ASSERT_OK(fs_.Rename("d/f", "d/h"));
  ASSERT_OK(fs_.SyncDir("d"));
  fs_.Crash();
  EXPECT_THAT(fs_.List("d"), IsOkAndHolds(ElementsAre("h")));
  ASSERT_OK(fs_.Remove("d/h"));
  fs_.Crash();
  EXPECT_EQ(Content("d/h"), "old");
}

TEST_F(FaultFileSystemTest, IoErrorWritesNothingAndHappensOnce) {
  fs_.FailChange(2, Fault::kIoError);
  ASSERT_OK(file_->Append("1"));
  EXPECT_THAT(file_->Append("2"), StatusIs(kDataLoss, HasSubstr("d/f")));
  ASSERT_OK(file_->Append("3"));
  EXPECT_EQ(Content("d/f"), "old13");
}

TEST_F(FaultFileSystemTest, BytesOfAFailedSyncAreLostThoughTheNextOneSucceeds) {
  ASSERT_OK(file_->Append("lost"));
  fs_.FailChange(1, Fault::kIoError);
  EXPECT_THAT(file_->Sync(), StatusIs(kDataLoss));
  ASSERT_OK(file_->Append("!"));
  ASSERT_OK(file_->Sync());
  fs_.Crash();
  EXPECT_EQ(Content("d/f"), std::string("old\0\0\0\0!", 8));
}

TEST_F(FaultFileSystemTest, FullDiskTakesHalfThenWorksAgain) {
  fs_.FailChange(1, Fault::kDiskFull);
  EXPECT_THAT(file_->Append("abcd"), StatusIs(kFull, HasSubstr("No space left")));
  EXPECT_EQ(Content("d/f"), "oldab");
  fs_.SetDiskFull(true);
  EXPECT_THAT(file_->Append("x"), StatusIs(kFull));
  EXPECT_THAT(fs_.OpenAppend("d/new"), StatusIs(kFull));
  fs_.SetDiskFull(false);
  ASSERT_OK(file_->Append("y"));
  EXPECT_EQ(Content("d/f"), "oldyb");
}

TEST_F(FaultFileSystemTest, TornWriteLeavesHalfOfItAfterTheCrash) {
  fs_.FailChange(1, Fault::kTornCrash);
  EXPECT_THAT(file_->Append("abcd"), StatusIs(kUnavailable));
  EXPECT_EQ(Content("d/f"), "oldab");
  EXPECT_THAT(file_->Append("x"), StatusIs(kUnavailable));
}

TEST_F(FaultFileSystemTest, CrashBeforeAChangeLeavesItOut) {
  const uint64_t before = fs_.changes();
  fs_.FailChange(1, Fault::kCrashBefore);
  EXPECT_THAT(fs_.Rename("d/f", "d/g"), StatusIs(kUnavailable));
  EXPECT_THAT(fs_.List("d"), IsOkAndHolds(ElementsAre("f")));
  EXPECT_EQ(fs_.changes(), before + 1);
}

TEST_F(FaultFileSystemTest, CorruptionIsDurable) {
  ASSERT_OK(fs_.Corrupt("d/f", 1, "X"));
  EXPECT_THAT(fs_.Corrupt("d/f", 3, "X"), StatusIs(absl::StatusCode::kOutOfRange));
  fs_.Crash();
  EXPECT_EQ(Content("d/f"), "oXd");
  ASSERT_OK(fs_.TruncateFile("d/f", 1));
  fs_.Crash();
  EXPECT_EQ(Content("d/f"), "o");
}

TEST_F(FaultFileSystemTest, LocksDieWithTheMachine) {
  ASSERT_OK_AND_ASSIGN(auto lock, fs_.LockFile("d/LOCK", "one"));
  EXPECT_THAT(fs_.LockFile("d/LOCK", "two"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("one")));
  fs_.Crash();
  ASSERT_OK_AND_ASSIGN(auto second, fs_.LockFile("d/LOCK", "two"));
  lock.reset();  // Of the life before: it frees nothing now.
  EXPECT_THAT(fs_.LockFile("d/LOCK", "three"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(FaultFileSystemTest, WhatAKilledProcessWroteIsThereUntilACrash) {
  ASSERT_OK_AND_ASSIGN(auto lock, fs_.LockFile("d/LOCK", "one"));
  ASSERT_OK(file_->Append("new"));
  fs_.Kill();
  EXPECT_THAT(file_->Append("x"), StatusIs(kUnavailable));
  EXPECT_EQ(Content("d/f"), "oldnew");
  ASSERT_OK(fs_.LockFile("d/LOCK", "two"));
  fs_.Crash();
  EXPECT_EQ(Content("d/f"), "old");
}

TEST_F(FaultFileSystemTest, MissingThingsAreNotFound) {
  EXPECT_THAT(fs_.OpenRead("d/none"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(fs_.OpenAppend("none/f"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(fs_.List("none"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(fs_.Remove("d/none"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace tidemark::testing
