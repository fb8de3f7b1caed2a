#ifndef TIDEMARK_COMMON_RPC_CALL_H_
#define TIDEMARK_COMMON_RPC_CALL_H_

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/authorizer.h"

namespace tidemark::rpc {

class OwnThreadGate;
class RequestBudget;
class StreamRegistry;

// What a method needs around its handler; made once per method, outlives the server.
// Everything pointed to is not owned and must be set, but for `budget` and `streams`.
struct MethodOptions {
  // "/tidemark.ingest.v1.IngestService/SubmitEvents"
  std::string name;
  size_t max_request_bytes = size_t{4} << 20;
  // Where parsing and the handler run. Full: RESOURCE_EXHAUSTED with RetryInfo `retry_after`.
  base::Executor* executor = nullptr;
  Authorizer* authorizer = nullptr;
  const base::Clock* clock = nullptr;
  // Unary calls and exchanges: the bytes of requests that wait or are worked on, of all methods
  // that share it. No room: as a full executor, but the delay that is told grows with the number of
  // calls turned away; an exchange waits for room before it reads on. Null: the executor's queue is
  // the only limit.
  RequestBudget* budget = nullptr;
  // Unary calls and exchanges. Not null: the handler of a request of at most kMaxOwnThreadBytes
  // begins on the thread on which gRPC tells of it, as far as the gate lets it. There it must not
  // wait, and hands what is more than a moment's work to the executor itself
  // (CallContext::on_grpc_thread).
  OwnThreadGate* own_thread = nullptr;
  // Streams and exchanges only: those open when the server drains.
  StreamRegistry* streams = nullptr;
  absl::Duration retry_after = absl::Milliseconds(100);
};

inline constexpr size_t kMaxOwnThreadBytes = 4096;

// One call. Valid until the call is answered.
class CallContext {
 public:
  Caller caller;
  std::string_view method;
  // absl::InfiniteFuture() when the caller set none.
  absl::Time deadline;
  size_t request_bytes = 0;
  // W3C trace context, empty when the caller sent none.
  std::string traceparent;
  // The handler was begun on a thread of gRPC, where other calls may wait for it to return. That
  // the caller hangs up is not told before.
  bool on_grpc_thread = false;

  // The caller hung up or its deadline passed: the answer will not be read. Cheap; ask it
  // between expensive steps.
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  void MarkCancelled() { cancelled_.store(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_CALL_H_
