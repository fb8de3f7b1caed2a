#include "clients/cpp/submit/backoff.h"

#include <algorithm>

#include "common/status/error.h"

namespace tidemark::submit {
namespace {

constexpr int kMostAttemptsWithoutRetryInfo = 8;

}  // namespace

bool IsPassing(const absl::Status& status, int attempts) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return status::RetryAfterOf(status) != absl::InfiniteDuration() ||
             attempts < kMostAttemptsWithoutRetryInfo;
    default:
      return false;
  }
}

absl::Duration RetryDelay(const absl::Status& status, int attempts, absl::Duration initial,
                          absl::Duration max, uint64_t random) {
  // In [0, 1).
  const double fraction = static_cast<double>(random >> 11) * 0x1.0p-53;
  const absl::Duration told = status::RetryAfterOf(status);
  if (told != absl::InfiniteDuration()) return told + told * (fraction / 2);
  const int doublings = std::clamp(attempts - 1, 0, 30);
  const absl::Duration full = std::min(max, initial * (int64_t{1} << doublings));
  return full / 2 + full * (fraction / 2);
}

}  // namespace tidemark::submit
