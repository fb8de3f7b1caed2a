#include "common/base/huge_space.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>

#include "common/base/huge_array.h"

namespace tidemark::base {
namespace {

size_t ResidentBytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  unsigned long size = 0;
  unsigned long resident = 0;
  EXPECT_EQ(std::fscanf(file, "%lu %lu", &size, &resident), 2);
  std::fclose(file);
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(HugeSpaceTest, GrowsAtItsPlaceKeepingWhatIsThere) {
  HugeSpace space(size_t{64} << 20);
  char* const data = space.data();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % kHugePageBytes, 0u);
  size_t used = 0;
  for (const size_t bytes : {size_t{1}, size_t{100'000}, size_t{3} << 20, size_t{64} << 20}) {
    ASSERT_TRUE(space.Extend(bytes));
    ASSERT_EQ(space.data(), data);
    EXPECT_TRUE(std::all_of(data, data + used, [](char c) { return c == 'x'; }));
    EXPECT_TRUE(std::all_of(data + used, data + bytes, [](char c) { return c == 0; }));
    std::fill(data + used, data + bytes, 'x');
    used = bytes;
  }
}

TEST(HugeSpaceTest, MoreThanItsLargestSizeIsRefused) {
  HugeSpace space(kHugePageBytes);
  EXPECT_FALSE(space.Extend(kHugePageBytes + 1));
  ASSERT_TRUE(space.Extend(kHugePageBytes));
  space.data()[kHugePageBytes - 1] = 'x';
  EXPECT_FALSE(space.Extend(size_t{1} << 40));
  EXPECT_EQ(space.data()[kHugePageBytes - 1], 'x');
}

TEST(HugeSpaceTest, FewAddressesAreTakenAsTheyCome) {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  const rlimit few = {pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{64} << 20),
                      before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &few), 0);
  {
    HugeSpace space(size_t{1} << 40);
    ASSERT_TRUE(space.Extend(size_t{8} << 20));
    space.data()[(8 << 20) - 1] = 'x';
    EXPECT_FALSE(space.Extend(size_t{64} << 20));
  }
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
}

TEST(HugeSpaceTest, OnlyWhatIsWrittenTakesMemoryAndItComesBack) {
  constexpr size_t kUsed = size_t{32} << 20;
  const size_t before = ResidentBytes();
  {
    HugeSpace space(size_t{16} << 30);
    ASSERT_TRUE(space.Extend(kUsed));
    space.data()[0] = 1;
    EXPECT_LT(ResidentBytes(), before + (size_t{1} << 20));
    std::fill_n(space.data(), kUsed, 'x');
    EXPECT_GE(ResidentBytes(), before + kUsed / 2);
  }
  EXPECT_LT(ResidentBytes(), before + (size_t{4} << 20));
}

}  // namespace
}  // namespace tidemark::base
