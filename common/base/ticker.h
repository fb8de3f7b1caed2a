#ifndef TIDEMARK_COMMON_BASE_TICKER_H_
#define TIDEMARK_COMMON_BASE_TICKER_H_

#include <functional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace tidemark::base {

// Calls `tick` now and then every `interval` of real time, on a thread of its own, while it lives.
// A spurious wake-up makes a tick early. The destructor waits for a tick under way.
class Ticker {
 public:
  Ticker(absl::Duration interval, std::function<void()> tick)
      : tick_(std::move(tick)), thread_([this, interval] { Run(interval); }) {}
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
    }
    changed_.NotifyAll();
    thread_.join();
  }

 private:
  void Run(absl::Duration interval) {
    while (true) {
      tick_();
      MutexLock lock(mutex_);
      if (!stopping_) changed_.WaitFor(mutex_, interval);
      if (stopping_) return;
    }
  }

  const std::function<void()> tick_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_TICKER_H_
