#include "common/base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace tidemark::base {
namespace {

TEST(SystemClockTest, AgreesWithTheSystem) {
  const SystemClock clock;
  const int64_t before = static_cast<int64_t>(std::time(nullptr));
  const int64_t seconds = clock.NowMicros() / 1000000;
  const int64_t after = static_cast<int64_t>(std::time(nullptr));
  // time() may lag the precise clock by one tick.
  EXPECT_GE(seconds, before);
  EXPECT_LE(seconds, after + 1);
}

TEST(SystemClockTest, MonotonicTimeNeverGoesBack) {
  const SystemClock clock;
  int64_t last = clock.MonotonicNanos();
  for (int i = 0; i < 1000; ++i) {
    const int64_t now = clock.MonotonicNanos();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace tidemark::base
