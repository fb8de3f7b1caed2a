#ifndef TIDEMARK_COMMON_RPC_OWN_THREAD_GATE_H_
#define TIDEMARK_COMMON_RPC_OWN_THREAD_GATE_H_

#include <atomic>

namespace tidemark::rpc {

// Lets one call at a time be worked on by the thread on which gRPC tells of it: handing a call to
// another thread takes longer than a small one's work. These threads are few, and each has calls of
// others to tell of, which wait meanwhile. Thread-safe.
class OwnThreadGate {
 public:
  // False: another call is inside; this one goes to its executor.
  [[nodiscard]] bool TryEnter() { return !inside_.exchange(true, std::memory_order_acquire); }
  void Leave() { inside_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> inside_{false};
};

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_OWN_THREAD_GATE_H_
