#ifndef TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_GATE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_GATE_H_

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/call.h"
#include "services/analytics/api/fold_waiter.h"
#include "services/analytics/api/snapshot_resolver.h"

namespace tidemark::analytics::v1 {
class QueryRequest;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// SnapshotGate: lets a call go on once the replica has folded what its snapshot needs, so that it
// holds no thread while it waits. Thread-safe.
class SnapshotGate {
 public:
  struct Options {
    // Nothing is owned; all must be set.
    const SnapshotResolver* resolver = nullptr;
    FoldWaiter* waiter = nullptr;
    const base::Clock* clock = nullptr;
    // Where a call goes on that waited.
    base::Executor* executor = nullptr;
    absl::Duration patience = absl::Seconds(1);
  };
  explicit SnapshotGate(Options options) : options_(options) {}

  // `snapshot`: a request that names the snapshot and nothing else. `call` must live until `go` has
  // run: with OK at once, on this thread, or later on the executor; with what
  // SnapshotResolver::Behind says, or OVERLOADED, on any thread.
  void Pass(const rpc::CallContext& call, const v1::QueryRequest& snapshot,
            absl::AnyInvocable<void(absl::Status)> go) const;

 private:
  const Options options_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_GATE_H_
