#ifndef TIDEMARK_COMMON_TESTING_MANUAL_EXECUTOR_H_
#define TIDEMARK_COMMON_TESTING_MANUAL_EXECUTOR_H_

#include <cstddef>
#include <deque>
#include <limits>
#include <utility>

#include "common/base/executor.h"
#include "common/base/mutex.h"

namespace tidemark::testing {

// Keeps tasks until the test runs them, in order, on the test's thread. Thread-safe.
class ManualExecutor final : public base::Executor {
 public:
  explicit ManualExecutor(size_t limit = std::numeric_limits<size_t>::max()) : limit_(limit) {}

  bool TryPost(absl::AnyInvocable<void()> task) override {
    base::MutexLock lock(mutex_);
    if (tasks_.size() >= limit_) return false;
    tasks_.push_back(std::move(task));
    posted_.NotifyAll();
    return true;
  }

  // False when there was nothing to run.
  bool RunOne() {
    absl::AnyInvocable<void()> task;
    {
      base::MutexLock lock(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }

  // Until none is left, those posted meanwhile included. Returns how many ran.
  size_t RunAll() {
    size_t ran = 0;
    while (RunOne()) ++ran;
    return ran;
  }

  // Blocks until another thread has posted something.
  void WaitForTask() {
    base::MutexLock lock(mutex_);
    while (tasks_.empty()) posted_.Wait(mutex_);
  }

  size_t pending() const {
    base::MutexLock lock(mutex_);
    return tasks_.size();
  }

 private:
  const size_t limit_;
  mutable base::Mutex mutex_;
  base::CondVar posted_;
  std::deque<absl::AnyInvocable<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
};

// Runs each task at once, in the caller's thread.
class InlineExecutor final : public base::Executor {
 public:
  bool TryPost(absl::AnyInvocable<void()> task) override {
    task();
    return true;
  }
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_MANUAL_EXECUTOR_H_
