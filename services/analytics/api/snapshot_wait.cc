#include "services/analytics/api/snapshot_wait.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace tidemark::analytics {

// Shared with the waiter, which may outlive the stream.
struct SnapshotWait::State {
  std::atomic<bool> gone{false};
  std::atomic<bool> over{false};
};

SnapshotWait::SnapshotWait(const Options& options, const rpc::CallContext* call,
                           v1::QueryRequest snapshot, std::optional<PageToken> token,
                           std::shared_ptr<rpc::StreamWaker> waker)
    : options_(options),
      call_(*call),
      snapshot_(std::move(snapshot)),
      token_(std::move(token)),
      waker_(std::move(waker)) {}

SnapshotWait::~SnapshotWait() {
  if (state_ != nullptr) state_->gone.store(true);
}

absl::StatusOr<bool> SnapshotWait::IsOver() {
  if (options_.resolver->IsReady(snapshot_, token_)) return true;
  if (state_ == nullptr) {
    Begin();
    return false;
  }
  if (state_->over.load()) return options_.resolver->Behind(snapshot_, token_);
  return false;
}

void SnapshotWait::Begin() {
  state_ = std::make_shared<State>();
  const absl::Duration left = call_.deadline - absl::FromUnixMicros(options_.clock->NowMicros());
  options_.waiter->Wait(
      [state = state_, resolver = options_.resolver, snapshot = snapshot_, token = token_] {
        return state->gone.load() || resolver->IsReady(snapshot, token);
      },
      std::min(options_.patience, left), 2 * snapshot_.SpaceUsedLong() + call_.request_bytes,
      [state = state_, waker = waker_](bool) {
        state->over.store(true);
        waker->Wake();
      });
}

}  // namespace tidemark::analytics
