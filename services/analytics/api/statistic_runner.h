#ifndef TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_RUNNER_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_RUNNER_H_

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/call.h"
#include "services/analytics/api/fold_waiter.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/api/snapshot_gate.h"
#include "services/analytics/domain/source_day.h"
#include "services/analytics/statistics/catalog_reader.h"
#include "services/analytics/statistics/grant_use_reader.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics::v1 {
class QueryMeta;
class ReadOptions;
class Result;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// A call of a statistic that has its snapshot.
struct StatisticCall {
  const rpc::CallContext* call = nullptr;
  int64_t begun_nanos = 0;
  StatisticContext context;
  std::string label_language;
};

// StatisticRunner: what all named statistics share around their computation: snapshot, catalog,
// labels, and what the answer tells of itself. Thread-safe.
class StatisticRunner {
 public:
  struct Options {
    // Nothing is owned; all must be set.
    QueryHandler* queries = nullptr;
    FoldWaiter* waiter = nullptr;
    const StatStore* store = nullptr;
    // May be null.
    const SourceDays* source_days = nullptr;
    CatalogReader* catalog = nullptr;
    // Metered beside snapshot and catalog version.
    GrantUseReader* grant_use = nullptr;
    const base::Clock* clock = nullptr;
    base::Executor* executor = nullptr;
    absl::Duration patience = absl::Seconds(1);
  };
  explicit StatisticRunner(Options options);

  // Calls `go` once the snapshot that `read` names is folded, as SnapshotGate::Pass does; or with
  // the error that request or snapshot has.
  void Start(const rpc::CallContext& call, const v1::ReadOptions& read,
             absl::AnyInvocable<void(absl::StatusOr<StatisticCall>)> go) const;

  QueryHandler& queries() const { return *options_.queries; }
  const base::Clock& clock() const { return *options_.clock; }
  GrantUseReader* grant_use() const { return options_.grant_use; }

  // Of an answer made for `call` out of `effects_scanned` effects, with so many rows in its first
  // table.
  void WriteMeta(const StatisticCall& call, uint64_t effects_scanned, uint64_t rows,
                 v1::QueryMeta* meta) const;

 private:
  absl::StatusOr<StatisticCall> Prepare(const rpc::CallContext& call,
                                        const v1::QueryRequest& snapshot,
                                        const std::string& label_language) const;

  const Options options_;
  const SnapshotGate gate_;
};

// Writes a whole table, as statistics answer without pages. RESOURCE_EXHAUSTED (TOO_MANY_ROWS): it
// is larger than kMaxPageBytes; `what` names the table for the message.
absl::Status WriteWholeTable(const StatisticCall& call, const Table& table, std::string_view what,
                             v1::Result* result);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_RUNNER_H_
