#include "services/analytics/query/pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;

// Stops at the `looks`-th look.
Stop StopAt(int looks, int* seen) {
  return
      [looks, seen] { return ++*seen < looks ? absl::OkStatus() : absl::CancelledError("enough"); };
}

TEST(PiecesTest, GoesThroughAllRowsInOrder) {
  constexpr size_t kRows = 3 * kRowsPerLook + 5;
  size_t next = 0;
  int looks = 0;
  ASSERT_TRUE(ForEachRow(kRows, StopAt(100, &looks), [&](size_t row) {
                EXPECT_EQ(row, next);
                ++next;
              }).ok());
  EXPECT_EQ(next, kRows);
  EXPECT_EQ(looks, 4);
}

TEST(PiecesTest, EndsWhereItIsStopped) {
  size_t rows = 0;
  int looks = 0;
  EXPECT_TRUE(
      absl::IsCancelled(ForEachRow(10 * kRowsPerLook, StopAt(3, &looks), [&](size_t) { ++rows; })));
  EXPECT_EQ(rows, 2 * kRowsPerLook);
}

TEST(PiecesTest, SaysWhatAPieceSays) {
  std::vector<size_t> begins;
  const absl::Status status = InPieces(
      100, nullptr,
      [&](size_t begin, size_t) {
        begins.push_back(begin);
        return begin < 20 ? absl::OkStatus() : absl::OutOfRangeError("a sum");
      },
      10);
  EXPECT_TRUE(absl::IsOutOfRange(status));
  EXPECT_THAT(begins, ElementsAre(0, 10, 20));
}

TEST(PiecesTest, SortsAsAStableSortDoes) {
  std::mt19937 random(1);
  for (const size_t count : {0, 1, 1'023, 1'024, 1'025, 3'000, 100'000}) {
    std::vector<std::pair<uint32_t, uint32_t>> values;
    for (uint32_t i = 0; i < count; ++i) values.emplace_back(random() % 1'000, i);
    auto expected = values;
    const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::stable_sort(expected.begin(), expected.end(), less);
    ASSERT_TRUE(SortInPieces(nullptr, less, &values).ok());
    EXPECT_EQ(values, expected) << count;
  }
}

TEST(PiecesTest, ASortIsStoppedWhileItMerges) {
  std::vector<int> values(64 * kSlowRowsPerLook);
  int looks = 0;
  // Every piece is sorted after 64 looks.
  EXPECT_TRUE(absl::IsCancelled(SortInPieces(StopAt(70, &looks), std::less<>(), &values)));
  EXPECT_EQ(looks, 70);
}

TEST(PiecesTest, GathersRows) {
  std::vector<int> values = {10, 11, 12, 13};
  ASSERT_TRUE(GatherRows({3, 0, 3}, nullptr, &values).ok());
  EXPECT_THAT(values, ElementsAre(13, 10, 13));
  std::vector<int> none;
  ASSERT_TRUE(GatherRows({3, 0, 3}, nullptr, &none).ok());
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace tidemark::analytics
