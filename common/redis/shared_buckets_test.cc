#include "common/redis/shared_buckets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/redis/sealed_value.h"
#include "common/redis/testing/redis_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace tidemark::redis {
namespace {

using ::testing::HasSubstr;

class SharedBucketsTest : public ::testing::Test {
 protected:
  std::unique_ptr<SharedBuckets> Open(const std::string& address,
                                      CircuitBreaker::Options breaker = {}) {
    // Longer than in production: the machine may be busy, and only a silent Redis may be waited
    // for.
    auto buckets = SharedBuckets::Create({.address = address,
                                          .name_space = "test",
                                          .timeout = absl::Seconds(5),
                                          .breaker = breaker,
                                          .clock = &clock_});
    EXPECT_TRUE(buckets.ok()) << buckets.status();
    return *std::move(buckets);
  }
  std::string Address() const { return absl::StrCat("127.0.0.1:", redis_.endpoint().port); }
  static auto Take(SharedBuckets& buckets, uint64_t count, std::string_view name = "s") {
    return buckets.TryTake({{name, count, /*per_second=*/100, /*burst=*/1000}});
  }
  void SetBucket(std::string_view value) {
    redis_.Command({"SET", RedisKey("test", 1, "s"), value});
  }

  testing::FakeClock clock_;
  testing::RedisServer redis_;
};

TEST_F(SharedBucketsTest, TwoProcessesTakeFromOneBucket) {
  const auto one = Open(Address());
  const auto two = Open(Address());
  EXPECT_FALSE(Take(*one, 600));
  EXPECT_FALSE(Take(*two, 400));
  const auto refused = Take(*one, 50);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->wait, absl::Milliseconds(500));
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_FALSE(Take(*two, 50));
  EXPECT_TRUE(Take(*one, 1));
  EXPECT_EQ(one->decided_alone() + two->decided_alone(), 0u);
}

TEST_F(SharedBucketsTest, TakesFromAllOrFromNone) {
  const auto buckets = Open(Address());
  EXPECT_FALSE(Take(*buckets, 1000, "b"));
  const auto refused = buckets->TryTake({{"a", 10, 10, 10}, {"b", 1, 100, 1000}});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->index, 1u);
  EXPECT_FALSE(buckets->TryTake({{"a", 10, 10, 10}}));
}

TEST_F(SharedBucketsTest, WithoutRedisEachGoesOnFromWhatItSaw) {
  const auto one = Open(Address(), {.failures_to_open = 1});
  EXPECT_FALSE(Take(*one, 900));
  redis_.Kill();
  EXPECT_FALSE(Take(*one, 100));
  EXPECT_TRUE(Take(*one, 1));
  EXPECT_EQ(one->decided_alone(), 2u);
  redis_.Start();
  // Empty now, and trusted as soon as the breaker lets a call through.
  clock_.Advance(absl::Seconds(60));
  EXPECT_FALSE(Take(*one, 1000));
  EXPECT_TRUE(Take(*one, 1));
  EXPECT_EQ(one->decided_alone(), 2u);
}

TEST_F(SharedBucketsTest, NoRedisAtAllIsABucketOfOnesOwn) {
  const auto one = Open("");
  EXPECT_FALSE(Take(*one, 1000));
  EXPECT_TRUE(Take(*one, 1));
  EXPECT_EQ(one->decided_alone(), 0u);
}

TEST_F(SharedBucketsTest, ForeignValuesCostABurstAtMost) {
  const auto one = Open(Address());
  for (const char* full : {"", "nan", "-inf", "x", "-1", "0x", "1"}) {
    SetBucket(full);
    EXPECT_FALSE(Take(*one, 1000)) << full;
  }
  for (const char* empty : {"inf", "1e300", "99999999999999999999"}) {
    SetBucket(empty);
    const auto refused = Take(*one, 1);
    ASSERT_TRUE(refused) << empty;
    EXPECT_EQ(refused->wait, absl::Milliseconds(10)) << empty;
  }
  SetBucket(std::string(100, '\0') + "x");
  EXPECT_FALSE(Take(*one, 1000));
}

TEST_F(SharedBucketsTest, AKeyOfAnotherTypeIsDecidedAlone) {
  const auto one = Open(Address());
  redis_.Command(
      {"EVAL", "redis.call('RPUSH', KEYS[1], 'x') return 'x'", "1", RedisKey("test", 1, "s")});
  EXPECT_FALSE(Take(*one, 1000));
  EXPECT_TRUE(Take(*one, 1));
  EXPECT_EQ(one->decided_alone(), 2u);
}

TEST_F(SharedBucketsTest, KeysExpire) {
  const auto one = Open(Address());
  EXPECT_FALSE(Take(*one, 1000));
  // `PTTL` answers a number, which is no text; the script makes one of it.
  const std::string ttl = redis_.Command(
      {"EVAL", "return tostring(redis.call('PTTL', KEYS[1]))", "1", RedisKey("test", 1, "s")});
  EXPECT_GT(std::stoll(ttl), 0);
  EXPECT_LE(std::stoll(ttl), 11'000);
}

TEST(SharedBucketsOptionsTest, AWrongAddressNamesTheFlag) {
  testing::FakeClock clock;
  const auto wrong = SharedBuckets::Create({.address = "host:x", .clock = &clock});
  ASSERT_FALSE(wrong.ok());
  EXPECT_THAT(std::string(wrong.status().message()), HasSubstr("--redis"));
}

}  // namespace
}  // namespace tidemark::redis
