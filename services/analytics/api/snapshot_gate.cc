#include "services/analytics/api/snapshot_gate.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "services/analytics/api/query_handler.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {

void SnapshotGate::Pass(const rpc::CallContext& call, const v1::QueryRequest& snapshot,
                        absl::AnyInvocable<void(absl::Status)> go) const {
  const SnapshotResolver& resolver = *options_.resolver;
  if (resolver.IsReady(snapshot, std::nullopt)) return go(absl::OkStatus());
  struct Waiting {
    const rpc::CallContext* call;
    v1::QueryRequest snapshot;
    absl::AnyInvocable<void(absl::Status)> go;
  };
  const auto waiting = std::make_shared<Waiting>(Waiting{&call, snapshot, std::move(go)});
  const absl::Duration left = call.deadline - absl::FromUnixMicros(options_.clock->NowMicros());
  options_.waiter->Wait(
      [&resolver, waiting] {
        return waiting->call->cancelled() || resolver.IsReady(waiting->snapshot, std::nullopt);
      },
      std::min(options_.patience, left), snapshot.SpaceUsedLong() + call.request_bytes,
      [this, &resolver, waiting](bool) {
        if (!resolver.IsReady(waiting->snapshot, std::nullopt)) {
          return waiting->go(resolver.Behind(waiting->snapshot, std::nullopt));
        }
        if (options_.executor->TryPost([waiting] { waiting->go(absl::OkStatus()); })) return;
        waiting->go(TooManyQueries());
      });
}

}  // namespace tidemark::analytics
