#include "clients/cpp/submit/backoff.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/status/error.h"

namespace tidemark::submit {
namespace {

constexpr uint64_t kLow = 0;
constexpr uint64_t kHigh = std::numeric_limits<uint64_t>::max();

TEST(BackoffTest, OnlyPassingFailuresAreTriedAgain) {
  EXPECT_TRUE(IsPassing(absl::UnavailableError(""), 1000));
  EXPECT_TRUE(IsPassing(absl::DeadlineExceededError(""), 1000));
  EXPECT_FALSE(IsPassing(absl::PermissionDeniedError(""), 1));
  EXPECT_FALSE(IsPassing(absl::InvalidArgumentError(""), 1));
  EXPECT_FALSE(IsPassing(absl::InternalError(""), 1));
  EXPECT_FALSE(IsPassing(absl::FailedPreconditionError("LOG_SEALED"), 1));
}

TEST(BackoffTest, OverloadWithoutRetryInfoIsTriedAFewTimes) {
  const absl::Status plain = absl::ResourceExhaustedError("larger than max");
  EXPECT_TRUE(IsPassing(plain, 7));
  EXPECT_FALSE(IsPassing(plain, 8));
  EXPECT_TRUE(IsPassing(status::WithRetryAfter(plain, absl::Milliseconds(1)), 1000));
}

TEST(BackoffTest, WaitDoublesUpToTheMaximum) {
  const absl::Status status = absl::UnavailableError("");
  const auto delay = [&](int attempts, uint64_t random) {
    return RetryDelay(status, attempts, absl::Milliseconds(100), absl::Seconds(10), random);
  };
  EXPECT_EQ(delay(1, kLow), absl::Milliseconds(50));
  EXPECT_EQ(delay(2, kLow), absl::Milliseconds(100));
  EXPECT_EQ(delay(7, kLow), absl::Milliseconds(3200));
  EXPECT_EQ(delay(1'000'000, kLow), absl::Seconds(5));
  EXPECT_GT(delay(1, kHigh), absl::Milliseconds(99));
  EXPECT_LE(delay(1'000'000, kHigh), absl::Seconds(10));
}

TEST(BackoffTest, RetryInfoIsHonoured) {
  const absl::Status status =
      status::WithRetryAfter(absl::ResourceExhaustedError(""), absl::Seconds(30));
  EXPECT_EQ(RetryDelay(status, 1, absl::Milliseconds(1), absl::Seconds(1), kLow),
            absl::Seconds(30));
  EXPECT_LE(RetryDelay(status, 9, absl::Milliseconds(1), absl::Seconds(1), kHigh),
            absl::Seconds(45));
}

}  // namespace
}  // namespace tidemark::submit
