#include "clients/cli/simulate/apportion.h"

#include <gtest/gtest.h>

#include <numeric>

namespace tidemark::simulate {
namespace {

TEST(Apportion, PartsAddUpAndGoToTheLargestRemainders) {
  // Beyond one each: 7 in thirds and sixths.
  EXPECT_EQ(Apportion({2, 3, 1}, 10), (std::vector<int64_t>{3, 5, 2}));
  // Of equal remainders the first.
  EXPECT_EQ(Apportion({1, 1, 1}, 5), (std::vector<int64_t>{2, 2, 1}));
}

TEST(Apportion, EveryPartIsAtLeastOne) {
  EXPECT_EQ(Apportion({1, 1'000'000'000'000}, 3), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(Apportion({5, 5}, 2), (std::vector<int64_t>{1, 1}));
}

TEST(Apportion, NothingWhereItCannotBe) {
  EXPECT_EQ(Apportion({1, 1, 1}, 2), std::nullopt);
  EXPECT_EQ(Apportion({}, 5), std::nullopt);
  EXPECT_EQ(Apportion({1}, -5), std::nullopt);
}

TEST(Apportion, LargeWeightsAndTotalsAreExact) {
  const std::vector<int64_t> weights = {4'000'000'000'000'000'000, 3, 999'999'999'999'999'999};
  const auto parts = Apportion(weights, 9'000'000'000'000'000'001);
  ASSERT_TRUE(parts);
  EXPECT_EQ(std::accumulate(parts->begin(), parts->end(), int64_t{0}), 9'000'000'000'000'000'001);
}

}  // namespace
}  // namespace tidemark::simulate
