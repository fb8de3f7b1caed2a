#ifndef TIDEMARK_COMMON_BASE_CLOCK_H_
#define TIDEMARK_COMMON_BASE_CLOCK_H_

#include <cstdint>

namespace tidemark::base {

// The only way to ask what time it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since 1970-01-01T00:00:00Z. May jump either way.
  virtual int64_t NowMicros() const = 0;
  // Never goes back; its zero means nothing.
  virtual int64_t MonotonicNanos() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t NowMicros() const override;
  int64_t MonotonicNanos() const override;
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_CLOCK_H_
