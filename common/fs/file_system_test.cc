#include "common/fs/file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"

namespace tidemark::fs {
namespace {

using ::testing::AnyOf;
using testing::FaultFileSystem;
using testing::IsOk;
using testing::IsOkAndHolds;

TEST(PathTest, JoinsAndSplits) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(DirName("a/b/c"), "a/b");
  EXPECT_EQ(DirName("a/b/"), "a");
  EXPECT_EQ(DirName("b"), ".");
  EXPECT_EQ(DirName("/b"), "/");
  EXPECT_EQ(DirName("/"), "/");
}

// Fails, or crashes at, every change in turn: afterwards the file is old or new.
TEST(WriteFileAtomicallyTest, LeavesOldOrNewWhateverFails) {
  using Fault = FaultFileSystem::Fault;
  for (const Fault fault :
       {Fault::kIoError, Fault::kDiskFull, Fault::kTornCrash, Fault::kCrashBefore}) {
    bool succeeded = false;
    for (uint64_t nth = 1; !succeeded; ++nth) {
      FaultFileSystem fs;
      ASSERT_OK(fs.MakeDirs("d"));
      ASSERT_OK(WriteFileAtomically(fs, "d/f", "old"));
      fs.FailChange(nth, fault);
      const absl::Status status = WriteFileAtomically(fs, "d/f", "new bytes");
      succeeded = status.ok();
      const auto before_crash = ReadFile(fs, "d/f");
      EXPECT_THAT(before_crash, AnyOf(IsOkAndHolds("old"), IsOkAndHolds("new bytes")));
      fs.Crash();
      const auto after_crash = ReadFile(fs, "d/f");
      EXPECT_THAT(after_crash, AnyOf(IsOkAndHolds("old"), IsOkAndHolds("new bytes")));
      if (succeeded) {
        EXPECT_THAT(after_crash, IsOkAndHolds("new bytes"));
        EXPECT_GT(nth, 5u) << "the write made fewer changes than it must";
      }
      fs.ClearFaults();
      // A write that failed does not stand in the way of the next.
      ASSERT_OK(WriteFileAtomically(fs, "d/f", "third"));
      EXPECT_THAT(ReadFile(fs, "d/f"), IsOkAndHolds("third"));
    }
  }
}

}  // namespace
}  // namespace tidemark::fs
