#ifndef TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_RESOLVER_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_RESOLVER_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/api/log_state.h"
#include "services/analytics/api/page_token.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics::v1 {
class QueryRequest;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// SnapshotResolver: which log size a request is answered at. The same on every replica and for
// ever: what a replica cannot tell yet is waited for or refused, never answered with what there is.
// Thread-safe, does not block.
class SnapshotResolver {
 public:
  // `store` is not owned. `log_state` must be thread-safe.
  SnapshotResolver(const StatStore* store, std::function<LogState()> log_state)
      : store_(store), log_state_(std::move(log_state)) {}

  // What can be refused before anything is folded. INVALID_ARGUMENT (AS_OF_INVALID,
  // LOG_ID_INVALID): names nothing, or contradicts min_log_size. FAILED_PRECONDITION
  // (LOG_ID_MISMATCH): of another log.
  absl::Status Check(const v1::QueryRequest& request, const std::optional<PageToken>& token) const;

  // True when the replica has folded enough to answer for good.
  bool IsReady(const v1::QueryRequest& request, const std::optional<PageToken>& token) const;
  // Why a request that waited long enough is not ready. OUT_OF_RANGE (AS_OF_AHEAD): the log itself
  // does not reach what `as_of` names. UNAVAILABLE (BEHIND): the replica does not.
  absl::Status Behind(const v1::QueryRequest& request, const std::optional<PageToken>& token) const;

  // Errors of Check and Behind; UNAVAILABLE (NO_CHECKPOINT).
  absl::StatusOr<SnapshotInfo> Resolve(const v1::QueryRequest& request,
                                       const std::optional<PageToken>& token) const;

 private:
  // What must be folded: so many leaves, and a record accepted after that time.
  struct Need {
    uint64_t log_size = 0;
    std::optional<int64_t> accepted_after_us;
  };
  static Need NeedOf(const v1::QueryRequest& request, const std::optional<PageToken>& token);
  // A read at the head of a fold that has not reached what the log held at first.
  bool CatchesUp(const v1::QueryRequest& request, const std::optional<PageToken>& token) const;
  uint64_t Available(const v1::QueryRequest& request, const std::optional<PageToken>& token) const;
  // Accepted time of the last record folded.
  int64_t NewestAccepted() const;
  absl::Status Ahead(const v1::QueryRequest& request, uint64_t log_size) const;

  const StatStore* const store_;
  const std::function<LogState()> log_state_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_RESOLVER_H_
