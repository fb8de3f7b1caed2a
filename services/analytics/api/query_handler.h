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
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/grants/grant_checker.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/base/mutex.h"
#include "common/redis/cache.h"
#include "common/redis/single_flight.h"
#include "common/rpc/call.h"
#include "services/analytics/api/log_state.h"
#include "services/analytics/api/snapshot_resolver.h"
#include "services/analytics/api/table_cache.h"
#include "services/analytics/domain/source_day.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/statistics/catalog_reader.h"

namespace tidemark::analytics::v1 {
class QueryMeta;
class QueryRequest;
class QueryResponse;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// RESOURCE_EXHAUSTED (OVERLOADED), to be tried again soon.
absl::Status TooManyQueries();

// QueryHandler: answers queries: snapshot, plan, cache, engine, page. Thread-safe. Of the callers
// that want one page at the same time one computes it; the others hold no thread meanwhile.
class QueryHandler {
 public:
  struct Options {
    // Nothing is owned; all must be set.
    const StatStore* store = nullptr;
    catalog_client::CatalogHistory* catalog = nullptr;
    // Thread-safe and quick.
    std::function<bool()> catalog_reachable;
    std::function<LogState()> log_state;
    // Permits the use of shared assets; may be null: then none can be used.
    const grants::GrantChecker* grant_checker = nullptr;
    // Of the fold that fills the store; may be null: no source ever closed a day.
    const SourceDays* source_days = nullptr;
    // Official figures that queries divide by; may be null: then queries that do are UNAVAILABLE.
    CatalogReader* official = nullptr;
    redis::Cache* cache = nullptr;
    const base::Clock* clock = nullptr;
    // Where those go on who waited for another call, or came on a thread that must be back soon.
    base::Executor* executor = nullptr;
    // Told in answers.
    std::string replica;
    // What an answer must have cost to be cached.
    absl::Duration cache_from = absl::Milliseconds(2);
    // What may be held for calls that wait for another one.
    size_t max_waiting_bytes = size_t{256} << 20;
  };
  explicit QueryHandler(Options options);

  // Checks all that needs no snapshot, and reads the request's token; none when it has no token.
  absl::StatusOr<std::optional<PageToken>> Check(const rpc::Caller& caller,
                                                 const v1::QueryRequest& request);
  const SnapshotResolver& resolver() const { return resolver_; }
  // The catalog that a snapshot is judged by. UNAVAILABLE (CATALOG_BEHIND), FAILED_PRECONDITION
  // (CATALOG_MISMATCH).
  absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>> CatalogAt(
      const SnapshotInfo& snapshot) const;
  // Of the catalog's observatory. FAILED_PRECONDITION (NO_OBSERVATORY).
  absl::StatusOr<std::shared_ptr<const Calendar>> CalendarAt(
      const catalog_client::CatalogView& view) const;
  // The observatory's; null: there is none.
  std::shared_ptr<const Calendar> NewestCalendar() const {
    return CalendarOf(*options_.catalog->Newest());
  }

  // A serialized v1::QueryResponse, or an error as in analytics_service.proto.
  using Done = absl::AnyInvocable<void(const absl::StatusOr<std::string>& response)>;
  enum class Where {
    // The thread is free for as long as the engine runs.
    kExecutor,
    // It has to be back soon: what may take longer is handed to the executor.
    kBorrowedThread,
  };
  // Unless another call computes the page already, runs as long as the engine does. `call` must
  // live until `done` was called, on this thread or one of the executor's; the engine stops when it
  // is cancelled. What is quickly computed is so at once, without a look into the cache: that takes
  // longer.
  void Query(const rpc::CallContext& call, const v1::QueryRequest& request,
             const std::optional<PageToken>& token, Where where, Done done);

  // A whole answer, for who looks at it again and again.
  struct Whole {
    // Answers with equal keys have equal tables.
    std::string key;
    // Null: the key is the one that was known.
    std::shared_ptr<const Table> table;
    std::shared_ptr<const catalog_client::CatalogView> view;
    SnapshotInfo snapshot;
    std::string canonical_text;
  };
  // At the snapshot that the request names. Runs as long as the engine does, unless another call's
  // table is kept. Errors as Query's.
  absl::StatusOr<Whole> AskWhole(const rpc::CallContext& call, const v1::QueryRequest& request,
                                 std::string_view known_key);
  // A whole answer at one snapshot, page after page; holds its table. For one thread at a time.
  class Pages;
  // The snapshot of `request`, or of its token, must be folded. `call` must outlive the pages.
  // Errors as Query's.
  absl::StatusOr<std::unique_ptr<Pages>> OpenPages(const rpc::CallContext& call,
                                                   const v1::QueryRequest& request,
                                                   const std::optional<PageToken>& token);

  // What a kept answer to the plan is found by. `scope`: all that the caller is confined to.
  struct Identity {
    std::string key;
    // Last catalog version that changed a type that the plan reads.
    uint64_t catalog_version = 0;
  };
  absl::StatusOr<Identity> IdentityOf(const Plan& plan, std::string_view canonical_text,
                                      std::string_view scope) const;
  // What is told of the replica beside an answer: everything but the query and its cost.
  void WriteReplicaMeta(const SnapshotInfo& at, v1::QueryMeta* meta) const;

  // Calls that wait for the page that another one computes.
  size_t waiting() const { return flight_.waiting(); }
  // Answers from the cache or from memory, and computed ones.
  uint64_t cache_hits() const { return hits_.load(std::memory_order_relaxed); }
  uint64_t cache_misses() const { return misses_.load(std::memory_order_relaxed); }

 private:
  struct Asked;
  struct Page;
  struct Task;

  absl::StatusOr<grants::PermittedUse> Permit(const rpc::Caller& caller,
                                              const v1::QueryRequest& request) const;
  absl::StatusOr<Asked> Prepare(const rpc::CallContext& call, const v1::QueryRequest& request,
                                const std::optional<PageToken>& token);
  // Null: there is no observatory.
  std::shared_ptr<const Calendar> CalendarOf(const catalog_client::CatalogView& view) const;
  absl::Status MakeTableKey(Asked* asked) const;
  // Loads what the plan divides by, and computes its table.
  absl::StatusOr<Table> MakeAnswer(const rpc::CallContext& call, Plan* plan) const;
  absl::StatusOr<Page> Compute(const rpc::CallContext& call, Asked* asked);
  absl::StatusOr<Page> ComputeIfQuick(const Asked& asked) const;
  absl::StatusOr<std::shared_ptr<const Table>> TableOf(const rpc::CallContext& call, Plan* plan,
                                                       const std::string& key);
  // The serialized answer; counts the use of an asset.
  std::string Respond(Asked* asked, const Page& page) const;
  static absl::StatusOr<Page> MakePage(const Asked& asked, const Table& table);
  void Find(const std::shared_ptr<Task>& task);
  void Lead(const std::shared_ptr<Task>& task, const std::string& key,
            redis::SingleFlight::Lead lead);
  void Hear(const std::shared_ptr<Task>& task, redis::SingleFlight::Value value);
  void Finish(Task* task, const absl::StatusOr<Page>& page);
  void WriteMeta(const Asked& asked, const Page& page, v1::QueryMeta* meta) const;

  const Options options_;
  const SnapshotResolver resolver_;
  redis::SingleFlight flight_;
  TableCache tables_;
  std::atomic<uint64_t> hits_{0};
  std::atomic<uint64_t> misses_{0};
  mutable base::Mutex mutex_;
  // By name of the time zone; an observatory has one.
  mutable std::map<std::string, std::shared_ptr<const Calendar>> calendars_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_QUERY_HANDLER_H_
