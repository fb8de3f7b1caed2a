#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_FRESHNESS_PROBE_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_FRESHNESS_PROBE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace tidemark::simulate {

// Measures how long it takes from an acknowledgement until analytics answers with the events:
// asks for the state of the fold all the time, on a thread of its own. What it tells includes
// the time of that call, and is exact to about a millisecond.
class FreshnessProbe {
 public:
  // `clock` outlives the probe.
  FreshnessProbe(std::shared_ptr<grpc::Channel> channel, std::string token,
                 const base::Clock& clock);
  ~FreshnessProbe();

  // A batch was acknowledged at `acked_ns` (monotonic); the log had `log_size` leaves or more.
  // May be told late: what the fold was in the meantime is remembered.
  void OnAck(uint64_t log_size, int64_t acked_ns);
  // Waits until everything acknowledged is visible, at most `timeout`. DEADLINE_EXCEEDED: it is
  // not; UNAVAILABLE and others: analytics could not be asked.
  absl::Status Drain(absl::Duration timeout);
  // Ascending, in nanoseconds; one per batch.
  std::vector<int64_t> Lags() const;

 private:
  void Loop();
  // Size of the fold.
  absl::Status Ask(uint64_t* folded);
  void Settle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  struct Impl;
  const std::unique_ptr<Impl> impl_;
  const std::string token_;
  const base::Clock& clock_;
  std::atomic<bool> stop_{false};

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  // Acknowledged, not yet visible: log size and time.
  std::deque<std::pair<uint64_t, int64_t>> waiting_ ABSL_GUARDED_BY(mutex_);
  // Sizes of the fold, rising, with the time at which each was first seen; the last 10,000.
  std::deque<std::pair<uint64_t, int64_t>> seen_ ABSL_GUARDED_BY(mutex_);
  std::vector<int64_t> lags_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);
  // Last: its thread uses all of the above.
  std::thread thread_;
};

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_FRESHNESS_PROBE_H_
