#include "services/analytics/statistics/settle/split.h"

#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;

std::vector<int64_t> Split(int64_t amount, std::vector<uint64_t> weights) {
  return SplitByLargestRemainder(amount, weights);
}

// Seats of ten for 43, 39 and 18 votes in a hundred: 4.3, 3.9 and 1.8.
TEST(SplitTest, LargestRemaindersGetWhatIsLeft) {
  EXPECT_THAT(Split(10, {43, 39, 18}), ElementsAre(4, 4, 2));
  EXPECT_THAT(Split(100, {1, 1, 1}), ElementsAre(34, 33, 33));
  EXPECT_THAT(Split(101, {1, 1, 1}), ElementsAre(34, 34, 33));
  EXPECT_THAT(Split(7, {5}), ElementsAre(7));
  EXPECT_THAT(Split(0, {3, 4}), ElementsAre(0, 0));
}

TEST(SplitTest, OfEqualRemaindersTheEarlierComesFirst) {
  EXPECT_THAT(Split(1, {1, 1}), ElementsAre(1, 0));
  EXPECT_THAT(Split(2, {2, 1, 1, 1, 1}), ElementsAre(1, 1, 0, 0, 0));  // 2/3, 1/3 ...
  EXPECT_THAT(Split(3, {1, 1, 1, 1}), ElementsAre(1, 1, 1, 0));
}

TEST(SplitTest, ALossIsSplitAsTheGain) {
  EXPECT_THAT(Split(-10, {43, 39, 18}), ElementsAre(-4, -4, -2));
  EXPECT_THAT(Split(-100, {1, 1, 1}), ElementsAre(-34, -33, -33));
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  EXPECT_THAT(Split(kLeast, {1}), ElementsAre(kLeast));
  EXPECT_THAT(Split(kLeast, {1, 1}), ElementsAre(kLeast / 2, kLeast / 2));
}

TEST(SplitTest, PartsOfAnySizeAddUpAndAreWithinOneOfTheExactOnes) {
  std::mt19937_64 random(5);
  const auto below = [&](uint64_t n) {
    return std::uniform_int_distribution<uint64_t>(0, n - 1)(random);
  };
  for (int i = 0; i < 3000; ++i) {
    std::vector<uint64_t> weights(1 + below(i % 100 == 0 ? 10'000 : 20));
    for (uint64_t& weight : weights) weight = 1 + below(uint64_t{1} << below(30));
    const auto amount = static_cast<int64_t>(random() >> below(64)) * (i % 2 == 0 ? 1 : -1);
    const std::vector<int64_t> parts = SplitByLargestRemainder(amount, weights);
    const auto whole =
        static_cast<__int128>(std::accumulate(weights.begin(), weights.end(), uint64_t{0}));
    __int128 sum = 0;
    for (size_t p = 0; p < parts.size(); ++p) {
      sum += parts[p];
      const __int128 off = static_cast<__int128>(parts[p]) * whole -
                           static_cast<__int128>(amount) * static_cast<__int128>(weights[p]);
      EXPECT_TRUE(-whole < off && off < whole) << i;
    }
    EXPECT_TRUE(sum == amount) << i;
  }
}

}  // namespace
}  // namespace tidemark::analytics
