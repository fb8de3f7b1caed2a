#include "common/redis/circuit_breaker.h"

#include <gtest/gtest.h>

#include "common/testing/fake_clock.h"

namespace tidemark::redis {
namespace {

class CircuitBreakerTest : public ::testing::Test {
 protected:
  void Fail(int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(breaker_.Allow());
      breaker_.Record(false);
    }
  }
  testing::FakeClock clock_;
  CircuitBreaker breaker_{
      {.failures_to_open = 3, .initial_backoff = absl::Seconds(1), .max_backoff = absl::Seconds(3)},
      &clock_};
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  Fail(2);
  EXPECT_FALSE(breaker_.open());
  ASSERT_TRUE(breaker_.Allow());
  breaker_.Record(true);
  Fail(2);
  EXPECT_FALSE(breaker_.open());
  Fail(1);
  EXPECT_TRUE(breaker_.open());
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(CircuitBreakerTest, LetsOneProbeThroughAfterTheBackoff) {
  Fail(3);
  clock_.Advance(absl::Seconds(1) - absl::Nanoseconds(1));
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_FALSE(breaker_.Allow());
  EXPECT_TRUE(breaker_.open());
  breaker_.Record(true);
  EXPECT_FALSE(breaker_.open());
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(CircuitBreakerTest, AFailedProbeDoublesTheBackoffUpToALimit) {
  Fail(3);
  for (const int backoff : {1, 2, 3, 3}) {
    clock_.Advance(absl::Seconds(backoff) - absl::Nanoseconds(1));
    EXPECT_FALSE(breaker_.Allow()) << backoff;
    clock_.Advance(absl::Nanoseconds(1));
    ASSERT_TRUE(breaker_.Allow()) << backoff;
    breaker_.Record(false);
  }
}

TEST_F(CircuitBreakerTest, ASuccessResetsTheBackoff) {
  Fail(3);
  clock_.Advance(absl::Seconds(1));
  Fail(1);
  clock_.Advance(absl::Seconds(2));
  ASSERT_TRUE(breaker_.Allow());
  breaker_.Record(true);
  Fail(3);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(CircuitBreakerTest, AnswersFromBeforeTheOpeningAreIgnored) {
  ASSERT_TRUE(breaker_.Allow());
  Fail(3);
  breaker_.Record(true);
  EXPECT_TRUE(breaker_.open());
  EXPECT_FALSE(breaker_.Allow());
}

}  // namespace
}  // namespace tidemark::redis
