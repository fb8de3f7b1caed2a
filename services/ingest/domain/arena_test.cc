#include "services/ingest/domain/arena.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tidemark::ingest {
namespace {

TEST(ArenaTest, KeepsWhatItIsGivenUntilCleared) {
  Arena arena;
  std::mt19937_64 random(1);
  for (int round = 0; round < 5; ++round) {
    std::vector<std::string> texts;
    std::vector<std::string_view> kept;
    for (int i = 0; i < 500; ++i) {
      // Some larger than a block.
      texts.emplace_back(random() % (i % 50 == 0 ? 200'000 : 300), static_cast<char>(random()));
      kept.push_back(arena.Copy(texts.back()));
    }
    for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(kept[i], texts[i]);
    arena.Clear();
  }
}

TEST(ArenaTest, EmptyTextIsPresentAndNumbersAreAligned) {
  Arena arena;
  EXPECT_NE(arena.Copy(std::string_view("")).data(), nullptr);
  arena.Copy("abc");
  const std::vector<uint64_t> numbers = {1, 2, 3};
  const auto copy = arena.Copy(std::span<const uint64_t>(numbers));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(copy.data()) % alignof(uint64_t), 0u);
  EXPECT_EQ(copy[2], 3u);
}

}  // namespace
}  // namespace tidemark::ingest
