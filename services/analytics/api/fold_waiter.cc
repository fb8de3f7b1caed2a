#include "services/analytics/api/fold_waiter.h"

#include <iterator>
#include <utility>

namespace tidemark::analytics {

FoldWaiter::FoldWaiter(Options options) : options_(options), thread_([this] { Run(); }) {}

FoldWaiter::~FoldWaiter() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void FoldWaiter::Wait(Ready ready, absl::Duration patience, size_t bytes, Callback callback) {
  {
    base::MutexLock lock(mutex_);
    if (!stopping_ && count_ < options_.limit && bytes_ + bytes <= options_.max_bytes) {
      ++count_;
      bytes_ += bytes;
      const int64_t until = options_.clock->MonotonicNanos() + absl::ToInt64Nanoseconds(patience);
      waiting_.push_back({std::move(ready), std::move(callback), until, bytes});
      changed_.NotifyAll();
      return;
    }
  }
  callback(ready());
}

void FoldWaiter::Notify() { changed_.NotifyAll(); }

void FoldWaiter::Run() {
  while (true) {
    std::vector<Waiting> all;
    bool stopping = false;
    {
      base::MutexLock lock(mutex_);
      while (!stopping_ && waiting_.empty()) changed_.Wait(mutex_);
      if (!stopping_) changed_.WaitFor(mutex_, absl::Milliseconds(1));
      all = std::exchange(waiting_, {});
      stopping = stopping_;
    }
    // Outside the lock: both functions are the callers'.
    std::vector<Waiting> rest;
    size_t called = 0, called_bytes = 0;
    const int64_t now = options_.clock->MonotonicNanos();
    for (Waiting& waiting : all) {
      const bool ready = waiting.ready();
      if (ready || stopping || now >= waiting.until_nanos) {
        ++called;
        called_bytes += waiting.bytes;
        waiting.callback(ready);
      } else {
        rest.push_back(std::move(waiting));
      }
    }
    base::MutexLock lock(mutex_);
    count_ -= called;
    bytes_ -= called_bytes;
    std::move(rest.begin(), rest.end(), std::back_inserter(waiting_));
    if (stopping && waiting_.empty()) return;
  }
}

}  // namespace tidemark::analytics
