#include "common/base/heap.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace tidemark::base {
namespace {

size_t Arenas() {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* out = ::open_memstream(&text, &size);
  ::malloc_info(0, out);
  std::fclose(out);
  const std::string_view info(text, size);
  size_t count = 0;
  for (size_t at = 0; (at = info.find("<heap nr=", at)) != std::string_view::npos; ++at) ++count;
  std::free(text);
  return count;
}

size_t ResidentPages() {
  size_t all = 0;
  size_t resident = 0;
  std::FILE* in = std::fopen("/proc/self/statm", "r");
  EXPECT_EQ(std::fscanf(in, "%zu %zu", &all, &resident), 2);
  std::fclose(in);
  return resident;
}

TEST(HeapTest, ThreadsShareAsManyArenasAsAllowed) {
  SetUpHeap({.arenas = 1});
  std::latch all(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&all] {
      const std::string block(100'000, 'x');
      all.arrive_and_wait();
      EXPECT_EQ(block.back(), 'x');
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Arenas(), 1u);
}

TEST(HeapTest, FreedBlocksGoBackToTheSystem) {
  SetUpHeap({});
  // By default the first one freed raises the thresholds, and the second stays in the heap.
  for (int i = 0; i < 2; ++i) {
    void* volatile block = std::malloc(16 << 20);
    std::free(block);
  }
  EXPECT_LT(::mallinfo2().keepcost, size_t{1} << 20);
}

TEST(HeapTest, TrimmingTakesFreePagesAmidTheHeap) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer has a malloc of its own";
#endif
  std::vector<void*> blocks;
  // Every second one is freed: nothing of it lies at the end.
  for (int i = 0; i < 400; ++i) blocks.push_back(std::memset(std::malloc(64 << 10), 1, 64 << 10));
  for (size_t i = 0; i < blocks.size(); i += 2) std::free(std::exchange(blocks[i], nullptr));
  const size_t before = ResidentPages();
  TrimHeap();
  EXPECT_LT(ResidentPages(), before - 1000) << "of 3,200 pages";
  for (void* block : blocks) std::free(block);
}

}  // namespace
}  // namespace tidemark::base
