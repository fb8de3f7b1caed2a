#ifndef TIDEMARK_COMMON_BASE_COUNTDOWN_H_
#define TIDEMARK_COMMON_BASE_COUNTDOWN_H_

#include <cstdint>

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace tidemark::base {

// What is left of a wait. Waiting takes real time whatever clock was injected: a fake one would
// never wake anybody.
//
//   const Countdown countdown(patience);
//   while (!done && countdown.Left() > absl::ZeroDuration()) changed.WaitFor(mutex,
//   countdown.Left());
class Countdown {
 public:
  explicit Countdown(absl::Duration duration)
      : duration_(duration), start_(clock_.MonotonicNanos()) {}

  // Negative once it is over.
  absl::Duration Left() const {
    return duration_ - absl::Nanoseconds(clock_.MonotonicNanos() - start_);
  }

 private:
  const SystemClock clock_;
  const absl::Duration duration_;
  const int64_t start_;
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_COUNTDOWN_H_
