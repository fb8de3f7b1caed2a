#include "common/base/huge_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "common/base/huge_array.h"

namespace tidemark::base {
namespace {

// Whether huge pages were wished for what lies around an address. The system tells flags of every
// mapping: `hg` is this one.
bool IsHuge(const void* at) {
  const auto address = reinterpret_cast<uintptr_t>(at);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
      inside = begin <= address && address < end;
    if (inside && line.starts_with("VmFlags:")) return line.find(" hg") != std::string::npos;
  }
  return false;
}

bool SystemHasHugePages() {
  const HugeArray<char> array = MakeHugeArray<char>(4 * kHugePageBytes);
  return IsHuge(array.get() + 2 * kHugePageBytes);
}

class HugeBlocksTest : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "`new` is the sanitizer's";
#endif
    if (!SystemHasHugePages()) GTEST_SKIP() << "this system has no huge pages";
  }
  void TearDown() override { UseHugePagesFrom(0); }
};

constexpr size_t kLarge = size_t{64} << 20;

TEST_F(HugeBlocksTest, LargeVectorsAreMadeOfHugePages) {
  UseHugePagesFrom(kHugeBlockBytes);
  const std::vector<char> large(kLarge, 'x');
  EXPECT_TRUE(IsHuge(large.data() + kLarge / 2));
  EXPECT_EQ(std::count(large.begin(), large.end(), 'x'), static_cast<ptrdiff_t>(kLarge));
}

TEST_F(HugeBlocksTest, OthersAreNot) {
  const std::vector<char> before(kLarge);
  EXPECT_FALSE(IsHuge(before.data() + kLarge / 2));
  UseHugePagesFrom(kHugeBlockBytes);
  const std::vector<char> small(kHugeBlockBytes / 2);
  EXPECT_FALSE(IsHuge(small.data() + small.size() / 2));
  UseHugePagesFrom(0);
  const std::vector<char> after(kLarge);
  EXPECT_FALSE(IsHuge(after.data() + kLarge / 2));
}

TEST_F(HugeBlocksTest, MemoryThatIsNotThereIsSaidSo) {
  UseHugePagesFrom(kHugeBlockBytes);
  // In a variable, so that the compiler does not know.
  volatile size_t bytes = std::numeric_limits<size_t>::max() / 4;
  EXPECT_THROW(::operator delete(::operator new(bytes)), std::bad_alloc);
}

}  // namespace
}  // namespace tidemark::base
