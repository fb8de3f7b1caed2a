#ifndef TIDEMARK_COMMON_TESTING_FAKE_CLOCK_H_
#define TIDEMARK_COMMON_TESTING_FAKE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace tidemark::testing {

// Stands still until told. Thread-safe. Starts at 2024-01-02T03:04:05Z.
class FakeClock final : public base::Clock {
 public:
  static constexpr int64_t kStartMicros = 1704164645000000;

  explicit FakeClock(int64_t start_micros = kStartMicros) : micros_(start_micros) {}

  int64_t NowMicros() const override { return micros_.load(); }
  int64_t MonotonicNanos() const override { return monotonic_.load(); }

  // Moves both clocks; `by` must not be negative.
  void Advance(absl::Duration by) {
    micros_ += absl::ToInt64Microseconds(by);
    monotonic_ += absl::ToInt64Nanoseconds(by);
  }
  // A jump of the wall clock, either way; monotonic time does not notice.
  void JumpTo(int64_t micros) { micros_ = micros; }

 private:
  std::atomic<int64_t> micros_;
  std::atomic<int64_t> monotonic_{1};
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_FAKE_CLOCK_H_
