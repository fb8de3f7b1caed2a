#include "services/analytics/query/cell_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tidemark::analytics {
namespace {

// Against a map of whole keys.
void Compare(const std::vector<uint64_t>& bounds, uint32_t values) {
  std::mt19937 random(5);
  CellMap cells(bounds);
  std::map<std::vector<uint32_t>, uint32_t> expected;
  const auto random_key = [&] {
    std::vector<uint32_t> key;
    // The greatest numbers and the least, so that keys share what they begin and end with.
    for (const uint64_t bound : bounds) {
      const uint64_t of = std::min<uint64_t>(bound, values);
      key.push_back(
          static_cast<uint32_t>(random() % 2 == 0 ? bound - 1 - random() % of : random() % of));
    }
    return key;
  };
  for (uint32_t i = 0; i < 3'000; ++i) {
    const std::vector<uint32_t> key = random_key();
    EXPECT_EQ(cells.Insert(key, i), expected.try_emplace(key, i).first->second);
  }
  for (int i = 0; i < 3'000; ++i) {
    const std::vector<uint32_t> key = random_key();
    const auto found = expected.find(key);
    EXPECT_EQ(cells.Find(key), found == expected.end() ? CellMap::kNone : found->second);
  }
}

TEST(CellMapTest, KeysThatFitAWord) { Compare({100, 30, 5'000}, 20); }
TEST(CellMapTest, KeysOfExactlyAWord) { Compare({uint64_t{1} << 32, uint64_t{1} << 32}, 50); }
TEST(CellMapTest, KeysOfSeveralWords) {
  Compare({1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20}, 3);
}
TEST(CellMapTest, NumbersThatSayNothing) { Compare({1, 7, 1}, 7); }
TEST(CellMapTest, NoNumbers) {
  CellMap cells({});
  EXPECT_EQ(cells.Find({}), CellMap::kNone);
  EXPECT_EQ(cells.Insert({}, 4), 4);
  EXPECT_EQ(cells.Find({}), 4);
}

}  // namespace
}  // namespace tidemark::analytics
