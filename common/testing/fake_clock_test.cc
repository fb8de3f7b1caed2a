#include "common/testing/fake_clock.h"

#include <gtest/gtest.h>

namespace tidemark::testing {
namespace {

TEST(FakeClockTest, MovesOnlyWhenTold) {
  FakeClock clock;
  EXPECT_EQ(absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(clock.NowMicros()),
                             absl::UTCTimeZone()),
            "2024-01-02T03:04:05+00:00");
  const int64_t monotonic = clock.MonotonicNanos();
  clock.Advance(absl::Microseconds(3));
  EXPECT_EQ(clock.NowMicros(), FakeClock::kStartMicros + 3);
  EXPECT_EQ(clock.MonotonicNanos(), monotonic + 3000);
}

TEST(FakeClockTest, JumpMovesTheWallClockOnly) {
  FakeClock clock(1000);
  const int64_t monotonic = clock.MonotonicNanos();
  clock.JumpTo(10);
  EXPECT_EQ(clock.NowMicros(), 10);
  EXPECT_EQ(clock.MonotonicNanos(), monotonic);
}

}  // namespace
}  // namespace tidemark::testing
