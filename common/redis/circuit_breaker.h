#ifndef TIDEMARK_COMMON_REDIS_CIRCUIT_BREAKER_H_
#define TIDEMARK_COMMON_REDIS_CIRCUIT_BREAKER_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace tidemark::redis {

// Keeps callers from waiting for something that is down.
//
//   closed    --(failures in a row reach the limit)-->  open
//   open      --(back-off is over)-->                   half open: one probe is let through
//   half open --(probe succeeds)-->                     closed
//   half open --(probe fails)-->                        open, with twice the back-off
//
//   if (breaker.Allow()) breaker.Record(Call());
//
// Every Allow() that answers true must be followed by one Record(). Thread-safe.
class CircuitBreaker {
 public:
  struct Options {
    int failures_to_open = 3;
    absl::Duration initial_backoff = absl::Milliseconds(250);
    absl::Duration max_backoff = absl::Seconds(10);
  };
  // `clock` is not owned.
  CircuitBreaker(Options options, const base::Clock* clock) : options_(options), clock_(clock) {}

  bool Allow();
  // An answer of a call that began before the circuit opened changes nothing any more.
  void Record(bool success);
  // Open or half open.
  bool open() const;

 private:
  enum class State : uint8_t { kClosed, kOpen, kHalfOpen };
  void Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const base::Clock* const clock_;
  mutable base::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kClosed;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration backoff_ ABSL_GUARDED_BY(mutex_);
  int64_t retry_at_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_CIRCUIT_BREAKER_H_
