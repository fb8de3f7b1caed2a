#ifndef TIDEMARK_SERVICES_ANALYTICS_API_QUERY_HANDLER_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_QUERY_HANDLER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/catalog/catalog_history.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/redis/cache.h"
#include "common/redis/single_flight.h"
#include "common/rpc/call.h"
#include "services/analytics/api/log_state.h"
#include "services/analytics/api/snapshot_resolver.h"
#include "services/analytics/api/table_cache.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics::v1 {
class QueryMeta;
class QueryRequest;
class QueryResponse;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// QueryHandler: answers queries: snapshot, plan, cache, engine, page. Thread-safe; runs as long as
// the engine does, so call it on an executor.
class QueryHandler {
 public:
  struct Options {
    // Nothing is owned; all must be set.
    const StatStore* store = nullptr;
    catalog_client::CatalogHistory* catalog = nullptr;
    // Thread-safe and quick.
    std::function<bool()> catalog_reachable;
    std::function<LogState()> log_state;
    redis::Cache* cache = nullptr;
    const base::Clock* clock = nullptr;
    // Told in answers.
    std::string replica;
    // What an answer must have cost to be cached.
    absl::Duration cache_from = absl::Milliseconds(2);
    // Longest wait for another call that computes the same page.
    absl::Duration flight_wait = absl::Seconds(10);
  };
  explicit QueryHandler(Options options);

  // The token of the request, checked against its query; none when it has no token.
  absl::StatusOr<std::optional<PageToken>> Token(const rpc::Caller& caller,
                                                 const v1::QueryRequest& request) const;
  const SnapshotResolver& resolver() const { return resolver_; }

  // Errors as in analytics_service.proto.
  absl::Status Query(const rpc::CallContext& call, const v1::QueryRequest& request,
                     const std::optional<PageToken>& token, v1::QueryResponse* response);

  uint64_t cache_hits() const { return hits_.load(std::memory_order_relaxed); }
  uint64_t cache_misses() const { return misses_.load(std::memory_order_relaxed); }

 private:
  struct Asked;
  struct Page;

  absl::StatusOr<Asked> Prepare(const rpc::CallContext& call, const v1::QueryRequest& request,
                                const std::optional<PageToken>& token);
  absl::StatusOr<std::shared_ptr<const Calendar>> CalendarOf(
      const catalog_client::CatalogView& view);
  absl::StatusOr<Page> Compute(const rpc::CallContext& call, const Asked& asked);
  absl::StatusOr<Page> Find(const rpc::CallContext& call, const Asked& asked);
  void WriteMeta(const Asked& asked, const Page& page, v1::QueryMeta* meta) const;

  const Options options_;
  const SnapshotResolver resolver_;
  redis::SingleFlight flight_;
  TableCache tables_;
  std::atomic<uint64_t> hits_{0};
  std::atomic<uint64_t> misses_{0};
  base::Mutex mutex_;
  // By name of the time zone; an observatory has one.
  std::map<std::string, std::shared_ptr<const Calendar>> calendars_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_QUERY_HANDLER_H_
