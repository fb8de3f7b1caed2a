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

// SnapshotResolver: which log size a request is answered at. Thread-safe, does not block.
class SnapshotResolver {
 public:
  // `store` is not owned. `log_state` must be thread-safe.
  SnapshotResolver(const StatStore* store, std::function<LogState()> log_state)
      : store_(store), log_state_(std::move(log_state)) {}

  // True when the replica has folded enough to answer: `min_log_size`, and the page's snapshot.
  bool IsReady(const v1::QueryRequest& request, const std::optional<PageToken>& token) const;
  // UNAVAILABLE (BEHIND) with metadata log_size; for requests that waited long enough.
  absl::Status Behind(const v1::QueryRequest& request, const std::optional<PageToken>& token) const;

  // OUT_OF_RANGE: above the fold. FAILED_PRECONDITION (LOG_ID_MISMATCH): a token of another log.
  // INVALID_ARGUMENT: an `as_of` that names nothing, or is below min_log_size. UNAVAILABLE (BEHIND
  // or NO_CHECKPOINT).
  absl::StatusOr<SnapshotInfo> Resolve(const v1::QueryRequest& request,
                                       const std::optional<PageToken>& token) const;

 private:
  uint64_t Needed(const v1::QueryRequest& request, const std::optional<PageToken>& token) const;
  uint64_t Available(const v1::QueryRequest& request) const;
  absl::StatusOr<uint64_t> SizeOf(const v1::QueryRequest& request) const;

  const StatStore* const store_;
  const std::function<LogState()> log_state_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_SNAPSHOT_RESOLVER_H_
