#include "common/base/huge_array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace tidemark::base {
namespace {

TEST(HugeArrayTest, ArraysOfAllSizesAreZerosOfTheirOwn) {
  std::mt19937 random(3);
  struct Held {
    HugeArray<uint64_t> array;
    size_t count;
    uint64_t mark;
  };
  std::vector<Held> held;
  for (uint64_t mark = 1; mark < 3000; ++mark) {
    // Some bytes to 4 MiB: malloc's, parts of slabs, pages of their own.
    const size_t count = random() % (size_t{1} << (3 + random() % 17));
    Held made = {MakeHugeArray<uint64_t>(count), count, mark};
    ASSERT_EQ(reinterpret_cast<uintptr_t>(made.array.get()) % 64, 0u);
    ASSERT_TRUE(std::all_of(made.array.get(), made.array.get() + count,
                            [](uint64_t word) { return word == 0; }));
    std::fill_n(made.array.get(), count, mark);
    held.push_back(std::move(made));
    if (held.size() < 40) continue;
    const size_t i = random() % held.size();
    ASSERT_TRUE(std::all_of(held[i].array.get(), held[i].array.get() + held[i].count,
                            [&](uint64_t word) { return word == held[i].mark; }));
    std::swap(held[i], held.back());
    held.pop_back();
  }
}

TEST(HugeArrayTest, ThreadsMayMakeAndFreeAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      std::vector<HugeArray<uint32_t>> held(8);
      for (size_t i = 0; i < 400; ++i) {
        held[i % held.size()] = MakeHugeArray<uint32_t>((size_t{100} << 10) / 4 * (1 + i % 5));
        held[i % held.size()][7] = 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace tidemark::base
