#include "common/redis/circuit_breaker.h"

#include <algorithm>

namespace tidemark::redis {

bool CircuitBreaker::Allow() {
  base::MutexLock lock(mutex_);
  if (state_ == State::kClosed) return true;
  if (state_ == State::kHalfOpen || clock_->MonotonicNanos() < retry_at_nanos_) return false;
  state_ = State::kHalfOpen;
  return true;
}

void CircuitBreaker::Record(bool success) {
  base::MutexLock lock(mutex_);
  if (state_ == State::kOpen) return;
  if (success) {
    // While a probe is out, a call from before the opening may succeed too: as good a sign.
    state_ = State::kClosed;
    failures_ = 0;
    backoff_ = absl::ZeroDuration();
    return;
  }
  if (state_ == State::kHalfOpen || ++failures_ >= options_.failures_to_open) Open();
}

void CircuitBreaker::Open() {
  state_ = State::kOpen;
  failures_ = 0;
  backoff_ = std::clamp(backoff_ * 2, options_.initial_backoff, options_.max_backoff);
  retry_at_nanos_ = clock_->MonotonicNanos() + absl::ToInt64Nanoseconds(backoff_);
}

bool CircuitBreaker::open() const {
  base::MutexLock lock(mutex_);
  return state_ != State::kClosed;
}

}  // namespace tidemark::redis
