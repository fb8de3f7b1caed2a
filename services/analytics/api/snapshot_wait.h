#ifndef TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_WAIT_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_WAIT_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/call.h"
#include "common/rpc/raw_stream.h"
#include "services/analytics/api/fold_waiter.h"
#include "services/analytics/api/page_token.h"
#include "services/analytics/api/snapshot_resolver.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {

// SnapshotWait: a stream's wait until the replica has folded what its snapshot needs, as
// SnapshotGate is a unary call's. It holds no thread. For one thread at a time.
class SnapshotWait {
 public:
  struct Options {
    // Nothing is owned; all must be set.
    const SnapshotResolver* resolver = nullptr;
    FoldWaiter* waiter = nullptr;
    const base::Clock* clock = nullptr;
    absl::Duration patience = absl::Seconds(1);
  };
  // `snapshot`: a request that names the snapshot. `call` must outlive the wait.
  SnapshotWait(const Options& options, const rpc::CallContext* call, v1::QueryRequest snapshot,
               std::optional<PageToken> token, std::shared_ptr<rpc::StreamWaker> waker);
  ~SnapshotWait();
  SnapshotWait(const SnapshotWait&) = delete;
  SnapshotWait& operator=(const SnapshotWait&) = delete;

  // False: not yet; the waker wakes the stream, which asks again. Errors of
  // SnapshotResolver::Behind.
  absl::StatusOr<bool> IsOver();

 private:
  struct State;
  void Begin();

  const Options options_;
  const rpc::CallContext& call_;
  const v1::QueryRequest snapshot_;
  const std::optional<PageToken> token_;
  const std::shared_ptr<rpc::StreamWaker> waker_;
  std::shared_ptr<State> state_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_WAIT_H_
