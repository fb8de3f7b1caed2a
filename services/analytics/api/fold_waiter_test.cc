#include "services/analytics/api/fold_waiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

#include "common/testing/fake_clock.h"

namespace tidemark::analytics {
namespace {

TEST(FoldWaiterTest, CallsBackWhenReady) {
  tidemark::testing::FakeClock clock;
  FoldWaiter waiter({.clock = &clock});
  std::atomic<bool> folded = false;
  std::promise<bool> called;
  waiter.Wait([&] { return folded.load(); }, absl::Seconds(1), 1,
              [&](bool ready) { called.set_value(ready); });
  folded = true;
  waiter.Notify();
  EXPECT_TRUE(called.get_future().get());
}

TEST(FoldWaiterTest, GivesUpWhenPatienceIsOver) {
  tidemark::testing::FakeClock clock;
  FoldWaiter waiter({.clock = &clock});
  std::promise<bool> called;
  waiter.Wait([] { return false; }, absl::Seconds(1), 1,
              [&](bool ready) { called.set_value(ready); });
  clock.Advance(absl::Seconds(2));
  EXPECT_FALSE(called.get_future().get());
}

TEST(FoldWaiterTest, CallsEverybodyBackAtItsEnd) {
  tidemark::testing::FakeClock clock;
  std::atomic<int> called = 0;
  {
    FoldWaiter waiter({.clock = &clock});
    for (int i = 0; i < 10; ++i) {
      waiter.Wait([] { return false; }, absl::Seconds(1), 1, [&](bool) { ++called; });
    }
  }
  EXPECT_EQ(called, 10);
}

TEST(FoldWaiterTest, DoesNotLetTheQueueGrow) {
  tidemark::testing::FakeClock clock;
  FoldWaiter waiter({.clock = &clock, .limit = 0});
  bool called = false;
  waiter.Wait([] { return false; }, absl::Seconds(1), 1, [&](bool) { called = true; });
  EXPECT_TRUE(called);
}

TEST(FoldWaiterTest, HoldsNoMoreBytesThanItMay) {
  tidemark::testing::FakeClock clock;
  FoldWaiter waiter({.clock = &clock, .max_bytes = 100});
  std::atomic<bool> folded = false;
  std::promise<bool> first;
  const auto ready = [&] { return folded.load(); };
  waiter.Wait(ready, absl::Seconds(1), 60, [&](bool ready) { first.set_value(ready); });
  bool refused = false;
  waiter.Wait(ready, absl::Seconds(1), 60, [&](bool ready) { refused = !ready; });
  EXPECT_TRUE(refused);
  folded = true;
  waiter.Notify();
  EXPECT_TRUE(first.get_future().get());
  // What was held is free again, soon.
  auto called = std::make_shared<std::atomic<bool>>(true);
  while (called->exchange(false)) {
    waiter.Wait([] { return false; }, absl::Seconds(1), 100, [called](bool) { *called = true; });
  }
}

}  // namespace
}  // namespace tidemark::analytics
