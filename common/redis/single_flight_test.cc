#include "common/redis/single_flight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/testing/status_matchers.h"

namespace tidemark::redis {
namespace {

using ::testing::ElementsAre;
using testing::StatusIs;

// Joins and writes what it hears of the value into `heard`.
absl::StatusOr<std::optional<SingleFlight::Lead>> Join(SingleFlight& flight, const char* key,
                                                       std::vector<std::string>* heard) {
  return flight.Join(key, /*bytes=*/1, [heard](const SingleFlight::Value& value) {
    heard->push_back(value->ok() ? **value : std::string(value->status().message()));
  });
}

TEST(SingleFlightTest, TheFirstComputesAndTheOthersHear) {
  SingleFlight flight(10);
  std::vector<std::string> heard;
  auto lead = Join(flight, "key", &heard);
  ASSERT_TRUE(lead.ok() && lead->has_value());
  for (int i = 0; i < 2; ++i) {
    const auto follows = Join(flight, "key", &heard);
    ASSERT_TRUE(follows.ok());
    EXPECT_FALSE(follows->has_value());
  }
  EXPECT_EQ(flight.waiting(), 2u);
  EXPECT_THAT(heard, ElementsAre());
  std::move(**lead).Land(std::string("value"));
  EXPECT_THAT(heard, ElementsAre("value", "value"));
  EXPECT_EQ(flight.waiting(), 0u);
  EXPECT_EQ(flight.in_flight(), 0u);
  // Nothing is remembered.
  EXPECT_TRUE((*Join(flight, "key", &heard)).has_value());
}

TEST(SingleFlightTest, OtherKeysDoNotWait) {
  SingleFlight flight(10);
  std::vector<std::string> heard;
  const auto a = Join(flight, "a", &heard);
  const auto b = Join(flight, "b", &heard);
  EXPECT_TRUE((*a).has_value());
  EXPECT_TRUE((*b).has_value());
  EXPECT_EQ(flight.in_flight(), 2u);
}

TEST(SingleFlightTest, FollowersHearOfFailureAndOfALeadThatIsDropped) {
  SingleFlight flight(10);
  std::vector<std::string> heard;
  {
    auto lead = Join(flight, "key", &heard);
    ASSERT_TRUE(Join(flight, "key", &heard).ok());
    std::move(**lead).Land(absl::OutOfRangeError("too large"));
  }
  {
    const auto lead = Join(flight, "key", &heard);
    ASSERT_TRUE(Join(flight, "key", &heard).ok());
  }
  EXPECT_THAT(heard, ElementsAre("too large", "the computation was given up"));
}

TEST(SingleFlightTest, AFollowerMayTakeOver) {
  SingleFlight flight(10);
  std::vector<std::string> heard;
  bool leads = false;
  auto lead = Join(flight, "key", &heard);
  ASSERT_TRUE(flight
                  .Join("key", 1,
                        [&](const SingleFlight::Value& value) {
                          EXPECT_THAT(*value, StatusIs(absl::StatusCode::kCancelled));
                          leads = (*Join(flight, "key", &heard)).has_value();
                        })
                  .ok());
  std::move(**lead).Land(absl::CancelledError("the leader's caller hung up"));
  EXPECT_TRUE(leads);
}

TEST(SingleFlightTest, HoldsNoMoreThanItMay) {
  SingleFlight flight(2);
  std::vector<std::string> heard;
  const auto a = Join(flight, "a", &heard);
  const auto b = Join(flight, "b", &heard);
  EXPECT_TRUE(Join(flight, "a", &heard).ok());
  EXPECT_TRUE(Join(flight, "b", &heard).ok());
  EXPECT_THAT(Join(flight, "a", &heard), StatusIs(absl::StatusCode::kResourceExhausted));
  // Who leads does not wait.
  EXPECT_TRUE(Join(flight, "c", &heard).ok());
}

TEST(SingleFlightTest, ManyThreadsComputeEachValueOnceAtATime) {
  constexpr int kThreads = 4, kRounds = 500;
  // Followers do not hold their threads, so all of them may wait at once.
  SingleFlight flight(kThreads * kRounds);
  std::atomic<int> computing = 0, answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        auto lead =
            flight.Join("key", 1, [&](const auto& value) { answered += value->ok() ? 1 : 0; });
        ASSERT_TRUE(lead.ok());
        if (!lead->has_value()) continue;
        EXPECT_EQ(computing.fetch_add(1), 0);
        computing.fetch_sub(1);
        std::move(**lead).Land(std::string("value"));
        ++answered;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, kThreads * kRounds);
}

}  // namespace
}  // namespace tidemark::redis
