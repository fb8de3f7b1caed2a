#include "clients/cli/app/patience.h"

#include <random>
#include <thread>

#include "clients/cpp/submit/backoff.h"
#include "common/base/countdown.h"

namespace tidemark::cli {

absl::Status CallWithPatience(const Terminal& terminal, absl::Duration patience,
                              absl::FunctionRef<absl::Status()> call) {
  const base::Countdown countdown(patience);
  std::mt19937_64 random(std::random_device{}());
  for (int attempts = 1;; ++attempts) {
    const absl::Status status = call();
    if (status.ok() || !submit::IsPassing(status, attempts)) return status;
    const absl::Duration delay =
        submit::RetryDelay(status, attempts, absl::Milliseconds(100), absl::Seconds(5), random());
    if (countdown.Left() < delay) return status;
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(delay));
    if (terminal.interrupted()) return absl::CancelledError("stopped");
  }
}

}  // namespace tidemark::cli
