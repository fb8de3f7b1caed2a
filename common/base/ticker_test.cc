#include "common/base/ticker.h"

#include <gtest/gtest.h>

namespace tidemark::base {
namespace {

TEST(TickerTest, TicksAtOnceAndAgainUntilItGoes) {
  Mutex mutex;
  CondVar ticked;
  int ticks = 0;
  {
    const Ticker ticker(absl::Microseconds(10), [&] {
      MutexLock lock(mutex);
      ++ticks;
      ticked.NotifyAll();
    });
    MutexLock lock(mutex);
    while (ticks < 3) ticked.Wait(mutex);
  }
  EXPECT_GE(ticks, 3);
}

TEST(TickerTest, EndsWithoutWaitingForALongInterval) {
  int ticks = 0;
  {
    const Ticker ticker(absl::Hours(1000), [&] { ++ticks; });
  }
  EXPECT_EQ(ticks, 1);
}

}  // namespace
}  // namespace tidemark::base
