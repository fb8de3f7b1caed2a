#include "common/testing/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace tidemark::testing {
namespace {

TEST(TempDirTest, HoldsFilesAndIsRemovedWithThem) {
  std::string path;
  {
    const TempDir dir;
    path = dir.path();
    EXPECT_EQ(dir.Write("a/b", "text"), path + "/a/b");
    EXPECT_EQ(ReadFileOrDie(dir.File("a/b")), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TempDirTest, EachIsNew) {
  const TempDir one;
  const TempDir two;
  EXPECT_NE(one.path(), two.path());
}

}  // namespace
}  // namespace tidemark::testing
