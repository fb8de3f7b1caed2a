#ifndef TIDEMARK_COMMON_RPC_REQUEST_BUDGET_H_
#define TIDEMARK_COMMON_RPC_REQUEST_BUDGET_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace tidemark::rpc {

// Bounds the bytes of the requests that are in a server's hands, where their number alone would
// not: a queue of 256 requests may hold gigabytes. Thread-safe.
class RequestBudget {
 public:
  explicit RequestBudget(size_t max_bytes) : max_bytes_(max_bytes) {}

  // False: no room now. One request always gets in, whatever its size. Every true is followed by
  // one Give of as many bytes.
  [[nodiscard]] bool TryTake(size_t bytes) { return TryTakeMore(0, bytes); }
  // For a request that holds `held` already. False: it still holds these.
  [[nodiscard]] bool TryTakeMore(size_t held, size_t bytes) {
    const size_t before = bytes_.fetch_add(bytes);
    if (before <= held || before + bytes <= max_bytes_) return true;
    bytes_.fetch_sub(bytes);
    return false;
  }
  // As TryTake, but waits for room: calls `taken` once, with the bytes taken, now or on a thread
  // that gives bytes back. It must not block. First come, first served, among those that wait.
  // False: what waits already is a quarter of the budget; `taken` is never called.
  [[nodiscard]] bool TakeWhenRoom(size_t bytes, absl::AnyInvocable<void()> taken);
  void Give(size_t bytes) {
    if (bytes_.fetch_sub(bytes) == bytes && bytes > 0) turned_away_.store(0);
    if (waiters_.load() != 0) Serve();
  }

  // Counts a request that is turned away, and tells when to send it again: after `base`, and later
  // the more were turned away since there was nothing under way, as these come back as well; at
  // most kMaxDelay.
  absl::Duration TurnAway(absl::Duration base) {
    const size_t before = turned_away_.fetch_add(1);
    return std::min(base * (1 + static_cast<int64_t>(before / kPerDelay)),
                    std::max(base, kMaxDelay));
  }
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  // Requests that wait for room.
  size_t waiters() const { return waiters_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kPerDelay = 4;
  static constexpr absl::Duration kMaxDelay = absl::Seconds(10);
  struct Waiter {
    size_t bytes;
    absl::AnyInvocable<void()> taken;
  };
  // Lets those in that there is room for.
  void Serve();

  const size_t max_bytes_;
  std::atomic<size_t> turned_away_{0};
  std::atomic<size_t> bytes_{0};
  // Size of queue_. Whoever gives bytes changes bytes_ first and looks here then, whoever waits
  // the other way round: one of the two sees the other.
  std::atomic<size_t> waiters_{0};
  base::Mutex mutex_;
  std::deque<Waiter> queue_ ABSL_GUARDED_BY(mutex_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // One thread serves at a time: one that was let in may give its bytes back at once.
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_REQUEST_BUDGET_H_
