#include "services/analytics/query/key_sort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;

std::vector<KeyedRow> RandomRows(size_t count, uint64_t least, int bits, uint32_t seed) {
  std::mt19937_64 random(seed);
  std::vector<KeyedRow> rows;
  for (uint32_t row = 0; row < count; ++row)
    rows.push_back({least + (bits == 0 ? 0 : random() >> (64 - bits)), row});
  return rows;
}

bool Before(const KeyedRow& a, const KeyedRow& b) { return a.key < b.key; }

std::vector<uint32_t> RowsOf(const std::vector<KeyedRow>& rows) {
  std::vector<uint32_t> numbers;
  for (const KeyedRow& row : rows) numbers.push_back(row.row);
  return numbers;
}

TEST(KeySortTest, SortsAsAStableSortDoes) {
  for (const size_t count : {0, 1, 2, 63, 64, 5'000, 8'191, 8'192, 50'000}) {
    for (const int bits : {0, 1, 8, 11, 12, 33, 64}) {
      std::vector<KeyedRow> rows = RandomRows(count, bits < 60 ? 1'000'003 : 0, bits, 7);
      std::vector<KeyedRow> expected = rows;
      std::stable_sort(expected.begin(), expected.end(), Before);
      ASSERT_TRUE(SortByKey(nullptr, &rows).ok());
      EXPECT_EQ(RowsOf(rows), RowsOf(expected)) << count << " rows of " << bits << " bits";
    }
  }
}

TEST(KeySortTest, KeepsTheFirstAndTheirTiesInOrder) {
  for (const size_t count : {0, 1, 20, 999, 5'000}) {
    for (const int bits : {0, 4, 20, 63}) {
      const std::vector<KeyedRow> all = RandomRows(5'000, 17, bits, 3);
      std::vector<KeyedRow> sorted = all;
      std::stable_sort(sorted.begin(), sorted.end(), Before);
      std::vector<KeyedRow> kept = all;
      ASSERT_TRUE(KeepFirstByKey(count, nullptr, &kept).ok());
      ASSERT_GE(kept.size(), count);
      EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end(),
                                 [](const auto& a, const auto& b) { return a.row < b.row; }));
      std::stable_sort(kept.begin(), kept.end(), Before);
      // None of the ties of the last may be missing: another key may decide them.
      size_t first = count;
      while (first > 0 && first < sorted.size() && sorted[first].key == sorted[count - 1].key)
        ++first;
      ASSERT_GE(kept.size(), first);
      sorted.resize(first);
      kept.resize(first);
      EXPECT_EQ(RowsOf(kept), RowsOf(sorted)) << count << " of keys of " << bits << " bits";
    }
  }
}

TEST(KeySortTest, LeavesFewOutOfAnyDistribution) {
  std::vector<KeyedRow> rows;
  // One key is far from all others.
  for (uint32_t row = 0; row < 100'000; ++row) rows.push_back({row * 3 % 100'000, row});
  rows[5].key = std::numeric_limits<uint64_t>::max();
  ASSERT_TRUE(KeepFirstByKey(10, nullptr, &rows).ok());
  EXPECT_LT(rows.size(), 20);
}

TEST(KeySortTest, NullsComeLast) {
  // Row 1 and 3 are null.
  const std::vector<uint64_t> keys = {9, 0, 7, 0, 8};
  const auto first = [&](size_t count) {
    absl::StatusOr<std::vector<KeyedRow>> kept = FirstByKey(
        keys.size(), count, nullptr, [](uint32_t row) { return row % 2 == 1; },
        [&](uint32_t row) { return keys[row]; });
    EXPECT_TRUE(kept.ok());
    return RowsOf(*kept);
  };
  EXPECT_THAT(first(1), ElementsAre(2));
  EXPECT_THAT(first(2), ElementsAre(2, 4));
  EXPECT_THAT(first(3), ElementsAre(0, 2, 4));
  EXPECT_THAT(first(4), ElementsAre(0, 1, 2, 3, 4));
}

TEST(KeySortTest, KeysAreOrderedAsNumbersAre) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const std::vector<int64_t> integers = {kLeast, -5, -1, 0, 1, 5, kMost};
  for (size_t i = 1; i < integers.size(); ++i)
    EXPECT_LT(KeyOfNumber(integers[i - 1]), KeyOfNumber(integers[i]));
  const std::vector<double> doubles = {-1e300, -1.5, -1e-300, 0.0, 1e-300, 1.5, 1e300};
  for (size_t i = 1; i < doubles.size(); ++i)
    EXPECT_LT(KeyOfNumber(doubles[i - 1]), KeyOfNumber(doubles[i]));
  EXPECT_EQ(KeyOfNumber(-0.0), KeyOfNumber(0.0));
}

TEST(KeySortTest, IsStopped) {
  std::vector<KeyedRow> rows = RandomRows(100'000, 0, 64, 1);
  int looks = 0;
  const Stop stop = [&] { return ++looks < 20 ? absl::OkStatus() : absl::CancelledError("x"); };
  EXPECT_TRUE(absl::IsCancelled(SortByKey(stop, &rows)));
  EXPECT_EQ(looks, 20);
}

}  // namespace
}  // namespace tidemark::analytics
