#include "common/base/token_buckets.h"

#include <gtest/gtest.h>

namespace tidemark::base {
namespace {

using Take = TokenBuckets::Take;

constexpr int64_t kNow = 1'700'000'000'000'000;

TEST(TokenBucketsTest, AFreshBucketGivesItsBurstAndThenItsRate) {
  TokenBuckets buckets;
  const auto take = [&](uint64_t count, int64_t at) {
    return buckets.TryTake({{"s", count, /*per_second=*/100, /*burst=*/500}}, at);
  };
  EXPECT_FALSE(take(500, kNow));
  const auto refused = take(50, kNow);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->wait, absl::Milliseconds(500));
  EXPECT_TRUE(take(50, kNow + 499'000));
  EXPECT_FALSE(take(50, kNow + 500'000));
  EXPECT_TRUE(take(1, kNow + 500'000));
  // An hour later it is full, not more.
  EXPECT_TRUE(take(501, kNow + 3'600'000'000));
  EXPECT_FALSE(take(500, kNow + 3'600'000'000));
}

TEST(TokenBucketsTest, WhatIsRefusedTakesNothing) {
  TokenBuckets buckets;
  EXPECT_TRUE(buckets.TryTake({{"a", 10, 10, 10}, {"b", 11, 10, 10}}, kNow));
  EXPECT_FALSE(buckets.TryTake({{"a", 10, 10, 10}, {"b", 10, 10, 10}}, kNow));
}

TEST(TokenBucketsTest, TellsWhichHasToWaitLongest) {
  TokenBuckets buckets;
  EXPECT_FALSE(buckets.TryTake({{"a", 10, 10, 10}, {"b", 10, 1, 10}}, kNow));
  const auto refused = buckets.TryTake({{"a", 10, 10, 10}, {"b", 10, 1, 10}}, kNow);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->index, 1u);
  EXPECT_EQ(refused->wait, absl::Seconds(10));
}

TEST(TokenBucketsTest, AClockThatGoesBackCostsABurstAtMost) {
  TokenBuckets buckets;
  EXPECT_FALSE(buckets.TryTake({{"s", 1, 10, 100}}, kNow));
  const auto refused = buckets.TryTake({{"s", 1, 10, 100}}, kNow - 86'400'000'000);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->wait, absl::Milliseconds(100));
}

TEST(TokenBucketsTest, EveryWaitThatIsToldIsEnoughAtAnyRate) {
  for (const uint64_t rate : {1u, 3u, 7u, 999u, 1'000'003u, 10'000'000u}) {
    TokenBuckets buckets;
    int64_t now = kNow;
    for (int i = 0; i < 100; ++i) {
      const Take take = {"s", rate / 2 + 1, rate, rate};
      if (const auto refused = buckets.TryTake({take}, now)) {
        now += absl::ToInt64Microseconds(refused->wait);
        EXPECT_FALSE(buckets.TryTake({take}, now)) << rate;
      }
    }
    // A hundred times half a second's tokens, less the burst.
    EXPECT_NEAR(static_cast<double>(now - kNow),
                100e6 * static_cast<double>(rate / 2 + 1) / static_cast<double>(rate) - 1e6, 1000)
        << rate;
  }
}

}  // namespace
}  // namespace tidemark::base
