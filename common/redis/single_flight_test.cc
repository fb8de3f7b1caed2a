#include "common/redis/single_flight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "common/testing/status_matchers.h"

namespace tidemark::redis {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr absl::Duration kLong = absl::Seconds(60);

void AwaitWaiting(const SingleFlight& flight, size_t count) {
  while (flight.waiting() < count) std::this_thread::yield();
}

TEST(SingleFlightTest, ConcurrentCallersOfAKeyComputeOnce) {
  SingleFlight flight;
  std::atomic<int> computed = 0;
  std::atomic<int> shared = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto answer = flight.Do("key", kLong, [&]() -> absl::StatusOr<std::string> {
        ++computed;
        AwaitWaiting(flight, 7);
        return "value";
      });
      ASSERT_THAT(answer, IsOk());
      EXPECT_EQ(answer->value, "value");
      if (answer->origin == Origin::kShared) ++shared;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(shared, 7);
  EXPECT_EQ(flight.in_flight(), 0u);
}

TEST(SingleFlightTest, OtherKeysDoNotWait) {
  SingleFlight flight;
  const auto outer = flight.Do("a", kLong, [&]() -> absl::StatusOr<std::string> {
    const auto inner = flight.Do("b", kLong, [] { return std::string("b"); });
    EXPECT_EQ(inner->origin, Origin::kComputed);
    return inner->value + "a";
  });
  EXPECT_EQ(outer->value, "ba");
}

TEST(SingleFlightTest, NothingIsRememberedAfterwards) {
  SingleFlight flight;
  int computed = 0;
  for (int i = 0; i < 3; ++i) {
    (void)flight.Do("key", kLong, [&] { return std::to_string(++computed); });
  }
  EXPECT_EQ(computed, 3);
}

TEST(SingleFlightTest, TheLeadersFailureIsItsOwn) {
  SingleFlight flight;
  std::atomic<int> calls = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto answer = flight.Do("key", kLong, [&]() -> absl::StatusOr<std::string> {
        if (++calls == 1) {
          AwaitWaiting(flight, 3);
          return absl::CancelledError("the leader's caller hung up");
        }
        return "value";
      });
      if (!answer.ok()) {
        ++failed;
        EXPECT_THAT(answer, StatusIs(absl::StatusCode::kCancelled));
      } else {
        EXPECT_EQ(answer->value, "value");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 1);
  EXPECT_GE(calls, 2);
}

TEST(SingleFlightTest, WhoHasWaitedLongEnoughComputesForItself) {
  SingleFlight flight;
  const auto outer = flight.Do("key", kLong, [&]() -> absl::StatusOr<std::string> {
    // The same key from inside: its leader cannot land before.
    const auto inner = flight.Do("key", absl::ZeroDuration(), [] { return std::string("inner"); });
    EXPECT_EQ(inner->value, "inner");
    EXPECT_EQ(inner->origin, Origin::kComputed);
    return "outer";
  });
  EXPECT_EQ(outer->value, "outer");
  EXPECT_EQ(flight.in_flight(), 0u);
}

// A cache that holds what it was given.
class MapCache final : public Cache {
 public:
  std::optional<std::string> Get(std::string_view material) override {
    const auto it = values.find(std::string(material));
    return it == values.end() ? std::nullopt : std::optional<std::string>(it->second);
  }
  void Put(std::string_view material, std::string_view value) override {
    values[std::string(material)] = std::string(value);
  }
  CacheCounters counters() const override { return {}; }
  bool enabled() const override { return true; }

  std::map<std::string, std::string> values;
};

TEST(GetOrComputeTest, ComputesStoresAndThenHits) {
  MapCache cache;
  SingleFlight flight;
  const auto compute = [] { return absl::StatusOr<std::string>("v"); };
  const auto first = GetOrCompute(cache, flight, "m", kLong, compute);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->origin, Origin::kComputed);
  const auto second = GetOrCompute(cache, flight, "m", kLong, compute);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->value, "v");
  EXPECT_EQ(second->origin, Origin::kCache);
}

TEST(GetOrComputeTest, FailuresAreReturnedAndNotStored) {
  MapCache cache;
  SingleFlight flight;
  const auto answer = GetOrCompute(cache, flight, "m", kLong, [] {
    return absl::StatusOr<std::string>(absl::InvalidArgumentError("no"));
  });
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(cache.values.empty());
}

TEST(GetOrComputeTest, WorksWithoutACache) {
  NullCache cache;
  SingleFlight flight;
  for (int i = 0; i < 2; ++i) {
    const auto answer =
        GetOrCompute(cache, flight, "m", kLong, [] { return absl::StatusOr<std::string>("v"); });
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->origin, Origin::kComputed);
  }
  EXPECT_FALSE(cache.enabled());
}

}  // namespace
}  // namespace tidemark::redis
