#include "common/rpc/fault_log.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/mutex.h"
#include "common/log/log.h"

namespace tidemark::rpc::internal {
namespace {

constexpr int kLinesPerSecond = 10;
constexpr size_t kMaxMessageBytes = 500;

// Process-wide, as the log is.
class Limiter {
 public:
  // -1: leave this line out; else how many were left out before it.
  int64_t Enter(int64_t now_nanos) {
    base::MutexLock lock(mutex_);
    const int64_t second = now_nanos / 1'000'000'000;
    if (second != second_) {
      second_ = second;
      lines_ = 0;
    }
    if (lines_ >= kLinesPerSecond) {
      ++left_out_;
      return -1;
    }
    ++lines_;
    return std::exchange(left_out_, 0);
  }

 private:
  base::Mutex mutex_;
  int64_t second_ ABSL_GUARDED_BY(mutex_) = 0;
  int lines_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

Limiter& GetLimiter() {
  static Limiter* const limiter = new Limiter;
  return *limiter;
}

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

bool IsServerFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kDataLoss ||
         code == absl::StatusCode::kUnknown;
}

// version "-" trace id "-" parent id "-" flags, 2, 32, 16 and 2 hexadecimal digits.
std::string_view ValidTraceparent(std::string_view traceparent) {
  const bool fits = traceparent.size() == 55 && traceparent[2] == '-' && traceparent[35] == '-' &&
                    traceparent[52] == '-' && IsLowerHex(traceparent.substr(0, 2)) &&
                    IsLowerHex(traceparent.substr(3, 32)) &&
                    IsLowerHex(traceparent.substr(36, 16)) && IsLowerHex(traceparent.substr(53));
  return fits ? traceparent : std::string_view();
}

void LogFault(const MethodOptions& options, const CallContext& call, const absl::Status& status) {
  if (!IsServerFault(status.code())) return;
  const int64_t left_out = GetLimiter().Enter(options.clock->MonotonicNanos());
  if (left_out < 0) return;
  log::Error("call failed", {{"method", options.name},
                             {"principal", call.caller.principal},
                             {"traceparent", ValidTraceparent(call.traceparent)},
                             {"code", absl::StatusCodeToString(status.code())},
                             {"error", status.message().substr(0, kMaxMessageBytes)},
                             {"left_out", left_out}});
}

}  // namespace tidemark::rpc::internal
