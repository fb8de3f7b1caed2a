#include "services/catalog/api/watch_hub.h"

#include <vector>

#include "common/rpc/raw_stream.h"

namespace tidemark::catalog {

void WatchHub::Add(std::shared_ptr<rpc::StreamWaker> waker) {
  base::MutexLock lock(mutex_);
  wakers_.insert(std::move(waker));
}

void WatchHub::Remove(const std::shared_ptr<rpc::StreamWaker>& waker) {
  base::MutexLock lock(mutex_);
  wakers_.erase(waker);
}

void WatchHub::Wake() {
  std::vector<std::shared_ptr<rpc::StreamWaker>> wakers;
  {
    base::MutexLock lock(mutex_);
    wakers.assign(wakers_.begin(), wakers_.end());
  }
  for (const auto& waker : wakers) waker->Wake();
}

void WatchHub::Beat() {
  beats_.fetch_add(1, std::memory_order_acq_rel);
  Wake();
}

}  // namespace tidemark::catalog
