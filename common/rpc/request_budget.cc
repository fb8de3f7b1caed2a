#include "common/rpc/request_budget.h"

#include <utility>

namespace tidemark::rpc {

bool RequestBudget::TakeWhenRoom(size_t bytes, absl::AnyInvocable<void()> taken) {
  {
    base::MutexLock lock(mutex_);
    if (!queue_.empty() && queued_bytes_ + bytes > max_bytes_ / 4) return false;
    queue_.push_back({bytes, std::move(taken)});
    queued_bytes_ += bytes;
    waiters_.store(queue_.size());
  }
  Serve();
  return true;
}

void RequestBudget::Serve() {
  mutex_.Lock();
  if (serving_) return mutex_.Unlock();
  serving_ = true;
  while (!queue_.empty() && TryTake(queue_.front().bytes)) {
    Waiter waiter = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= waiter.bytes;
    waiters_.store(queue_.size());
    mutex_.Unlock();
    waiter.taken();
    mutex_.Lock();
  }
  serving_ = false;
  mutex_.Unlock();
}

}  // namespace tidemark::rpc
