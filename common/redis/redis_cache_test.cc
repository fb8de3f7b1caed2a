#include "common/redis/redis_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/redis/sealed_value.h"
#include "common/redis/testing/redis_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace tidemark::redis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::RedisServer;
using testing::StatusIs;

const std::string kMacKey(32, 'k');

class RedisCacheTest : public ::testing::Test {
 protected:
  RedisCache::Options Options() {
    // Longer than the default: the machine that runs the tests may be busy.
    return {.pool = {.endpoint = server_.endpoint(),
                     .max_connections = 4,
                     .connect_timeout = absl::Seconds(5),
                     .command_timeout = absl::Seconds(5)},
            .breaker = {.failures_to_open = 2,
                        .initial_backoff = absl::Seconds(1),
                        .max_backoff = absl::Seconds(1)},
            .name_space = "test",
            .mac_key = kMacKey,
            .max_value_bytes = 1000,
            .clock = &clock_};
  }
  std::unique_ptr<RedisCache> Make(RedisCache::Options options) {
    auto cache = RedisCache::Create(std::move(options));
    EXPECT_THAT(cache, IsOk());
    return *std::move(cache);
  }
  std::unique_ptr<RedisCache> Make() { return Make(Options()); }
  // One that gives up at once, for a server that does not answer.
  std::unique_ptr<RedisCache> MakeImpatient() {
    RedisCache::Options options = Options();
    options.pool.connect_timeout = absl::Milliseconds(20);
    options.pool.command_timeout = absl::Milliseconds(20);
    return Make(std::move(options));
  }
  // What Redis holds for `material`.
  void Poison(std::string_view material, std::string_view raw) {
    server_.Command({"SET", RedisKey("test", 1, material), raw});
  }

  testing::FakeClock clock_;
  RedisServer server_;
};

TEST_F(RedisCacheTest, KeepsValues) {
  const auto cache = Make();
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  cache->Put("m", std::string("v\0w", 3));
  cache->Put("empty", "");
  EXPECT_EQ(cache->Get("m"), std::string("v\0w", 3));
  EXPECT_EQ(cache->Get("empty"), "");
  const CacheCounters counters = cache->counters();
  EXPECT_EQ(counters.hits, 2u);
  EXPECT_EQ(counters.misses, 1u);
  EXPECT_EQ(counters.errors, 0u);
  EXPECT_FALSE(counters.open);
}

TEST_F(RedisCacheTest, EveryValueExpiresAndTheMacKeyStaysHere) {
  const auto cache = Make();
  cache->Put("m", "v");
  const std::string key = RedisKey("test", 1, "m");
  const std::string script = "return tostring(redis.call('PTTL', KEYS[1]))";
  int64_t left = 0;
  ASSERT_TRUE(absl::SimpleAtoi(server_.Command({"EVAL", script, "1", key}), &left));
  EXPECT_GT(left, 0);
  EXPECT_LE(left, absl::ToInt64Milliseconds(absl::Hours(24)));
  EXPECT_THAT(server_.Command({"GET", key}), ::testing::Not(HasSubstr(kMacKey)));
}

TEST_F(RedisCacheTest, ReplicasWithOneKeyShareAnswersOthersDoNot) {
  Make()->Put("m", "v");
  EXPECT_EQ(Make()->Get("m"), "v");
  RedisCache::Options other_schema = Options();
  other_schema.schema = 2;
  EXPECT_EQ(Make(other_schema)->Get("m"), std::nullopt);
  RedisCache::Options other_key = Options();
  other_key.mac_key = std::string(32, 'x');
  const auto stranger = Make(other_key);
  EXPECT_EQ(stranger->Get("m"), std::nullopt);
  EXPECT_EQ(stranger->counters().rejected_mac, 1u);
}

TEST_F(RedisCacheTest, PoisonedTruncatedAndSwappedValuesAreMisses) {
  const auto cache = Make();
  cache->Put("m", "v");
  cache->Put("n", "w");
  const std::string of_n = server_.Command({"GET", RedisKey("test", 1, "n")});
  std::string flipped = of_n;
  flipped.back() ^= 1;
  const std::vector<std::string> poisons = {"x",        "TMC1", of_n.substr(0, of_n.size() - 1),
                                            of_n + "x", of_n,   std::string(100'000, 'y')};
  for (const std::string& poison : poisons) {
    Poison("m", poison);
    EXPECT_EQ(cache->Get("m"), std::nullopt);
  }
  Poison("n", flipped);
  EXPECT_EQ(cache->Get("n"), std::nullopt);
  EXPECT_EQ(cache->counters().rejected_mac, poisons.size() + 1);
  cache->Put("m", "again");
  EXPECT_EQ(cache->Get("m"), "again");
}

TEST_F(RedisCacheTest, AKeyOfAnotherTypeIsAMiss) {
  const auto cache = Make();
  server_.Command(
      {"EVAL", "redis.call('LPUSH', KEYS[1], 'x') return 'ok'", "1", RedisKey("test", 1, "m")});
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  EXPECT_EQ(cache->counters().errors, 1u);
  EXPECT_FALSE(cache->counters().open);
}

TEST_F(RedisCacheTest, LargeValuesAreNotStored) {
  const auto cache = Make();
  cache->Put("fits", std::string(1000, 'v'));
  cache->Put("large", std::string(1001, 'v'));
  EXPECT_EQ(cache->Get("fits"), std::string(1000, 'v'));
  EXPECT_EQ(cache->Get("large"), std::nullopt);
  EXPECT_EQ(cache->counters().too_large, 1u);
}

TEST_F(RedisCacheTest, AFlushIsForgotten) {
  const auto cache = Make();
  cache->Put("m", "v");
  server_.Command({"FLUSHALL"});
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  EXPECT_EQ(cache->counters().errors, 0u);
}

TEST_F(RedisCacheTest, AServerThatDoesNotAnswerIsLeftAloneAndTriedAgain) {
  const auto cache = MakeImpatient();
  server_.Pause();
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  EXPECT_TRUE(cache->counters().open);
  EXPECT_EQ(cache->counters().errors, 2u);
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  EXPECT_EQ(cache->counters().skipped, 1u);
  EXPECT_EQ(cache->counters().errors, 2u);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  EXPECT_EQ(cache->counters().errors, 3u);
  server_.Resume();
  // Impatient as it is, it may need more than one probe.
  for (int probes = 0; cache->counters().open && probes < 1000; ++probes) {
    clock_.Advance(absl::Seconds(1));
    cache->Put("m", "v");
  }
  EXPECT_FALSE(cache->counters().open);
}

// The answer to a command that timed out must not be taken for that of the next.
TEST_F(RedisCacheTest, LateAnswersAreNotMixedUp) {
  const auto patient = Make();
  patient->Put("a", "value of a");
  patient->Put("b", "value of b");
  RedisCache::Options options = Options();
  options.pool.command_timeout = absl::Milliseconds(20);
  options.pool.max_connections = 1;
  options.breaker.failures_to_open = 1000;
  const auto cache = Make(std::move(options));
  for (int round = 0; round < 5; ++round) {
    server_.Pause();
    EXPECT_EQ(cache->Get("a"), std::nullopt);
    server_.Resume();
    const auto b = cache->Get("b");
    EXPECT_TRUE(!b || *b == "value of b");
  }
  EXPECT_EQ(cache->counters().rejected_mac, 0u);
}

TEST_F(RedisCacheTest, AKilledServerCostsNothingButMissesAndComesBack) {
  const auto cache = Make();
  cache->Put("m", "v");
  server_.Kill();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(cache->Get("m"), std::nullopt);
    cache->Put("m", "w");
  }
  EXPECT_TRUE(cache->counters().open);
  server_.Start();
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  EXPECT_FALSE(cache->counters().open);
  cache->Put("m", "new");
  EXPECT_EQ(cache->Get("m"), "new");
}

TEST_F(RedisCacheTest, ARestartBetweenTwoCallsIsNotNoticed) {
  const auto cache = Make();
  cache->Put("m", "v");
  server_.Kill();
  server_.Start();
  cache->Put("m", "w");
  EXPECT_EQ(cache->Get("m"), "w");
  EXPECT_EQ(cache->counters().errors, 0u);
}

TEST_F(RedisCacheTest, AFullServerStoresNothingAndStillAnswers) {
  const auto cache = Make();
  cache->Put("old", "v");
  server_.Command({"CONFIG", "SET", "maxmemory", "1"});
  for (int i = 0; i < 5; ++i) cache->Put(absl::StrCat("new", i), "w");
  EXPECT_EQ(cache->Get("old"), "v");
  EXPECT_EQ(cache->Get("new0"), std::nullopt);
  const CacheCounters counters = cache->counters();
  EXPECT_EQ(counters.errors, 5u);
  EXPECT_FALSE(counters.open);
}

TEST_F(RedisCacheTest, AWrongPasswordIsAMiss) {
  RedisCache::Options options = Options();
  options.pool.endpoint.username = "nobody";
  options.pool.endpoint.password = "wrong";
  const auto cache = Make(std::move(options));
  EXPECT_EQ(cache->Get("m"), std::nullopt);
  EXPECT_EQ(cache->counters().errors, 1u);
}

TEST_F(RedisCacheTest, ManyThreadsShareAFewConnections) {
  const auto cache = Make();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string material = absl::StrCat(t, "/", i);
        cache->Put(material, material);
        EXPECT_EQ(cache->Get(material), material);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cache->counters().hits, 400u);
  int64_t clients = 0;
  ASSERT_TRUE(absl::SimpleAtoi(
      server_.Command(
          {"EVAL", "return redis.call('INFO','clients'):match('connected_clients:(%d+)')", "0"}),
      &clients));
  // The pool's, and the one that asks.
  EXPECT_LE(clients, 5);
}

TEST_F(RedisCacheTest, PingsTellWhetherItAnswersAndCountAsNothing) {
  const auto cache = MakeImpatient();
  const auto ping = [&] {
    clock_.Advance(absl::Seconds(1));
    return cache->Ping();
  };
  while (!ping()) {
  }
  server_.Kill();
  EXPECT_TRUE(cache->Ping()) << "as of a second ago";
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(ping());
  server_.Start();
  while (!ping()) {
  }
  EXPECT_FALSE(cache->counters().open);
  EXPECT_EQ(cache->counters().errors, 0u);
  EXPECT_FALSE(NullCache().Ping());
}

TEST_F(RedisCacheTest, RefusesOptionsThatMakeNoSense) {
  const auto refused = [&](auto change) {
    RedisCache::Options options = Options();
    change(options);
    return RedisCache::Create(std::move(options)).status();
  };
  EXPECT_THAT(refused([](auto& o) { o.name_space = "a:b"; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("name_space")));
  EXPECT_THAT(refused([](auto& o) { o.mac_key = "short"; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("mac_key")));
  EXPECT_THAT(refused([](auto& o) { o.ttl = absl::ZeroDuration(); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("ttl")));
  EXPECT_THAT(refused([](auto& o) { o.clock = nullptr; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("clock")));
}

}  // namespace
}  // namespace tidemark::redis
