#include "common/testing/golden.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "common/testing/temp_dir.h"

namespace tidemark::testing {
namespace {

TEST(GoldenTest, NamesTheFirstLineThatDiffers) {
  EXPECT_EQ(FirstDifference("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(FirstDifference("a\nb\nc", "a\nX\nc"), "line 2: want `b`, got `X`");
  EXPECT_EQ(FirstDifference("a", "a\nb"), "line 2: want the end, got `b`");
  EXPECT_EQ(FirstDifference("a\n", "a"), "line 2: want ``, got the end");
}

TEST(GoldenTest, ComparesWithAFileOfTheRepository) {
  const std::string path = ".editorconfig";
  ExpectGolden(path, ReadFileOrDie(RepositoryPath(path)));
  EXPECT_NONFATAL_FAILURE(ExpectGolden(path, "other"), "line 1: want `root = true`, got `other`");
}

}  // namespace
}  // namespace tidemark::testing
