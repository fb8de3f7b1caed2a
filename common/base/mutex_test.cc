#include "common/base/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tidemark::base {
namespace {

class Counter {
 public:
  void Add() {
    MutexLock lock(mutex_);
    ++value_;
    changed_.NotifyAll();
  }
  void WaitFor(int value) {
    MutexLock lock(mutex_);
    while (value_ < value) changed_.Wait(mutex_);
  }
  bool TimesOut() {
    MutexLock lock(mutex_);
    return !changed_.WaitFor(mutex_, absl::Milliseconds(1));
  }
  bool HeldByAnother() {
    if (!mutex_.TryLock()) return true;
    mutex_.Unlock();
    return false;
  }
  Mutex& mutex() ABSL_LOCK_RETURNED(mutex_) { return mutex_; }

 private:
  Mutex mutex_;
  CondVar changed_;
  int value_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(MutexTest, GuardsAndWakes) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) counter.Add();
    });
  }
  counter.WaitFor(4000);
  for (auto& thread : threads) thread.join();
}

TEST(MutexTest, TryLockFailsWhileHeld) {
  Counter counter;
  bool held = false;
  {
    MutexLock lock(counter.mutex());
    std::thread([&] { held = counter.HeldByAnother(); }).join();
  }
  EXPECT_TRUE(held);
  EXPECT_FALSE(counter.HeldByAnother());
}

TEST(MutexTest, WaitForEndsWithoutAWake) {
  Counter counter;
  // A spurious wake is allowed, an endless wait is not.
  while (!counter.TimesOut()) {
  }
  EXPECT_FALSE(counter.HeldByAnother());
}

}  // namespace
}  // namespace tidemark::base
