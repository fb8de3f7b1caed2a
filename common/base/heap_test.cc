#include "common/base/heap.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
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

}  // namespace
}  // namespace tidemark::base
