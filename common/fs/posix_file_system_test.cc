#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/fs/file_system.h"
#include "common/fs/posix_file.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"

namespace tidemark::fs {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using testing::StatusIs;

constexpr auto kNotFound = absl::StatusCode::kNotFound;

// What both file systems promise. The fake is only worth something if it behaves like the disk.
class FileSystemConformanceTest : public ::testing::TestWithParam<bool> {
 protected:
  FileSystemConformanceTest() {
    if (GetParam()) {
      fs_ = NewPosixFileSystem();
      dir_ = temp_.path();
    } else {
      fs_ = std::make_unique<testing::FaultFileSystem>();
      dir_ = "root";
      EXPECT_OK(fs_->MakeDirs(dir_));
    }
  }
  std::string Path(std::string_view name) const { return JoinPath(dir_, name); }

  testing::TempDir temp_;
  std::unique_ptr<FileSystem> fs_;
  std::string dir_;
};

INSTANTIATE_TEST_SUITE_P(All, FileSystemConformanceTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Posix" : "Fault"; });

TEST_P(FileSystemConformanceTest, AppendsAcrossReopening) {
  {
    ASSERT_OK_AND_ASSIGN(auto file, fs_->OpenAppend(Path("f")));
    ASSERT_OK(file->Append("one"));
    ASSERT_OK(file->Append(""));
    ASSERT_OK(file->Sync());
    ASSERT_OK(file->Close());
  }
  ASSERT_OK_AND_ASSIGN(auto file, fs_->OpenAppend(Path("f")));
  ASSERT_OK(file->Append("two"));
  EXPECT_THAT(file->Size(), IsOkAndHolds(6u));
  EXPECT_THAT(ReadFile(*fs_, Path("f")), IsOkAndHolds("onetwo"));
}

TEST_P(FileSystemConformanceTest, ReadsAndWritesAnywhere) {
  ASSERT_OK_AND_ASSIGN(auto file, fs_->OpenAppend(Path("f")));
  ASSERT_OK(file->PWrite(3, "def"));
  ASSERT_OK(file->PWrite(0, "abc"));
  char buffer[8] = {};
  EXPECT_THAT(file->PRead(2, 3, buffer), IsOkAndHolds(3u));
  EXPECT_EQ(std::string(buffer, 3), "cde");
  EXPECT_THAT(file->PRead(4, 8, buffer), IsOkAndHolds(2u));
  EXPECT_THAT(file->PRead(6, 8, buffer), IsOkAndHolds(0u));
  EXPECT_THAT(file->PRead(99, 8, buffer), IsOkAndHolds(0u));
}

TEST_P(FileSystemConformanceTest, TruncateMovesTheEnd) {
  ASSERT_OK_AND_ASSIGN(auto file, fs_->OpenAppend(Path("f")));
  ASSERT_OK(file->Append("abcdef"));
  ASSERT_OK(file->Truncate(2));
  ASSERT_OK(file->Append("X"));
  EXPECT_THAT(ReadFile(*fs_, Path("f")), IsOkAndHolds("abX"));
  ASSERT_OK(file->Truncate(5));
  EXPECT_THAT(ReadFile(*fs_, Path("f")), IsOkAndHolds(std::string("abX\0\0", 5)));
}

TEST_P(FileSystemConformanceTest, MappingOutlivesTheName) {
  ASSERT_OK(WriteFileAtomically(*fs_, Path("f"), "mapped"));
  ASSERT_OK_AND_ASSIGN(const auto mapping, fs_->MapReadOnly(Path("f")));
  ASSERT_OK(fs_->Remove(Path("f")));
  EXPECT_EQ(mapping->data(), "mapped");
  ASSERT_OK(WriteFileAtomically(*fs_, Path("empty"), ""));
  ASSERT_OK_AND_ASSIGN(const auto empty, fs_->MapReadOnly(Path("empty")));
  EXPECT_EQ(empty->data(), "");
}

TEST_P(FileSystemConformanceTest, FoldersListRenameRemove) {
  ASSERT_OK(fs_->MakeDirs(Path("a/b")));
  ASSERT_OK(fs_->MakeDirs(Path("a/b")));
  ASSERT_OK(WriteFileAtomically(*fs_, Path("a/z"), "z"));
  ASSERT_OK(WriteFileAtomically(*fs_, Path("a/y"), "y"));
  EXPECT_THAT(fs_->List(Path("a")), IsOkAndHolds(ElementsAre("b", "y", "z")));
  ASSERT_OK(fs_->Rename(Path("a/y"), Path("a/z")));
  ASSERT_OK(fs_->SyncDir(Path("a")));
  EXPECT_THAT(ReadFile(*fs_, Path("a/z")), IsOkAndHolds("y"));
  EXPECT_THAT(fs_->Exists(Path("a/y")), IsOkAndHolds(false));
  EXPECT_THAT(fs_->Exists(Path("a/b")), IsOkAndHolds(true));
}

TEST_P(FileSystemConformanceTest, MissingThingsAreNotFoundAndNamed) {
  EXPECT_THAT(fs_->OpenRead(Path("no")), StatusIs(kNotFound, HasSubstr(Path("no"))));
  EXPECT_THAT(fs_->OpenAppend(Path("no/f")), StatusIs(kNotFound, HasSubstr(Path("no/f"))));
  EXPECT_THAT(fs_->MapReadOnly(Path("no")), StatusIs(kNotFound));
  EXPECT_THAT(fs_->Rename(Path("no"), Path("x")), StatusIs(kNotFound));
  EXPECT_THAT(fs_->Remove(Path("no")), StatusIs(kNotFound));
  EXPECT_THAT(fs_->List(Path("no")), StatusIs(kNotFound));
  EXPECT_THAT(fs_->SyncDir(Path("no")), StatusIs(kNotFound));
}

TEST_P(FileSystemConformanceTest, LockHasOneOwnerAndNamesIt) {
  ASSERT_OK_AND_ASSIGN(auto lock, fs_->LockFile(Path("LOCK"), "ingest pid 7"));
  EXPECT_THAT(fs_->LockFile(Path("LOCK"), "other"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("ingest pid 7"), HasSubstr(Path("LOCK")))));
  lock.reset();
  EXPECT_OK(fs_->LockFile(Path("LOCK"), "other"));
}

TEST_P(FileSystemConformanceTest, SharedLocksKeepOwnersOutAndChangeNothing) {
  EXPECT_THAT(fs_->LockShared(Path("LOCK")), StatusIs(kNotFound));
  EXPECT_THAT(fs_->Exists(Path("LOCK")), IsOkAndHolds(false));
  ASSERT_OK_AND_ASSIGN(auto owner, fs_->LockFile(Path("LOCK"), "ingest pid 7"));
  EXPECT_THAT(fs_->LockShared(Path("LOCK")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("ingest pid 7")));
  owner.reset();
  ASSERT_OK_AND_ASSIGN(auto one, fs_->LockShared(Path("LOCK")));
  ASSERT_OK_AND_ASSIGN(auto two, fs_->LockShared(Path("LOCK")));
  one.reset();
  EXPECT_THAT(fs_->LockFile(Path("LOCK"), "owner"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(Path("LOCK"))));
  two.reset();
  EXPECT_OK(fs_->LockFile(Path("LOCK"), "owner"));
}

TEST(PosixFileSystemTest, FilesAreForTheirOwnerOnly) {
  const testing::TempDir temp;
  const auto fs = NewPosixFileSystem();
  ASSERT_OK(fs->MakeDirs(temp.File("d")));
  ASSERT_OK(WriteFileAtomically(*fs, temp.File("d/f"), "secret"));
  struct stat info = {};
  ASSERT_EQ(::stat(temp.File("d").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0077, 0u);
  ASSERT_EQ(::stat(temp.File("d/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0077, 0u);
}

TEST(PosixFileSystemTest, AFileIsNoFolder) {
  const testing::TempDir temp;
  const auto fs = NewPosixFileSystem();
  temp.Write("f", "x");
  EXPECT_THAT(fs->MakeDirs(temp.File("f")), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_FALSE(fs->MakeDirs(temp.File("f/g")).ok());
}

TEST(PosixFileTest, AFullDeviceIsResourceExhausted) {
  const auto fs = NewPosixFileSystem();
  ASSERT_OK_AND_ASSIGN(auto full, fs->OpenAppend("/dev/full"));
  EXPECT_THAT(full->PWrite(0, "x"), StatusIs(absl::StatusCode::kResourceExhausted,
                                             HasSubstr("/dev/full: No space left on device")));
}

TEST(ErrnoStatusTest, MapsCodesAsPromised) {
  const auto code = [](int error) { return ErrnoStatus(error, "write to", "/f").code(); };
  EXPECT_EQ(code(ENOENT), kNotFound);
  EXPECT_EQ(code(EEXIST), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(code(EACCES), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(ENOSPC), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(EDQUOT), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(code(EIO), absl::StatusCode::kDataLoss);
  // Only a full disk is a full disk.
  for (const int error : {EBUSY, EMFILE, ENFILE, ENOMEM, EFBIG}) {
    EXPECT_EQ(code(error), absl::StatusCode::kUnavailable) << error;
  }
  EXPECT_EQ(ErrnoStatus(EIO, "write to", "/f").message(), "write to /f: Input/output error");
}

}  // namespace
}  // namespace tidemark::fs
