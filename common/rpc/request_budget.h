#ifndef TIDEMARK_COMMON_RPC_REQUEST_BUDGET_H_
#define TIDEMARK_COMMON_RPC_REQUEST_BUDGET_H_

#include <atomic>
#include <cstddef>

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
  void Give(size_t bytes) { bytes_.fetch_sub(bytes); }
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  const size_t max_bytes_;
  std::atomic<size_t> bytes_{0};
};

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_REQUEST_BUDGET_H_
