#ifndef TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_RUNNER_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_RUNNER_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

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
#include "services/analytics/query/table.h"
#include "services/analytics/statistics/catalog_reader.h"
#include "services/analytics/statistics/grant_use_reader.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics::v1 {
class QueryMeta;
class QueryRequest;
class ReadOptions;
class Result;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// Gives what is named in a page its labels beyond those that a catalog view has.
using LabelWriter = std::function<void(v1::Result* page)>;

// A table of an answer that leaves page by page.
struct StreamedTable {
  // The response's field that it would be.
  const v1::Result* field = nullptr;
  Table table;
  // May be empty.
  LabelWriter labels;
};

// A call of a statistic that has its snapshot.
struct StatisticCall {
  const rpc::CallContext* call = nullptr;
  int64_t begun_nanos = 0;
  StatisticContext context;
  std::string label_language;
  // Where WriteWholeTable puts tables, whatever their size; null: into the response.
  std::vector<StreamedTable>* streamed = nullptr;
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

  // What can be refused before the snapshot is folded: errors of CheckLabelLanguage and of
  // SnapshotResolver::Check, with names of ReadOptions.
  absl::Status Check(const v1::ReadOptions& read) const;

  // A request that names the snapshot of `read`.
  static v1::QueryRequest SnapshotRequest(const v1::ReadOptions& read);

  // The call once that snapshot is folded. Errors of SnapshotResolver::Resolve and of the catalog.
  absl::StatusOr<StatisticCall> Prepare(const rpc::CallContext& call,
                                        const v1::QueryRequest& snapshot,
                                        const std::string& label_language) const;

  // Calls `go` once the snapshot that `read` names is folded, as SnapshotGate::Pass does; or with
  // the error that request or snapshot has.
  void Start(const rpc::CallContext& call, const v1::ReadOptions& read,
             absl::AnyInvocable<void(absl::StatusOr<StatisticCall>)> go) const;

  const Options& options() const { return options_; }
  QueryHandler& queries() const { return *options_.queries; }
  const base::Clock& clock() const { return *options_.clock; }
  GrantUseReader* grant_use() const { return options_.grant_use; }

  // Of an answer made for `call` out of `effects_scanned` effects, with so many rows in its first
  // table.
  void WriteMeta(const StatisticCall& call, uint64_t effects_scanned, uint64_t rows,
                 v1::QueryMeta* meta) const;

 private:
  const Options options_;
  const SnapshotGate gate_;
};

inline constexpr std::string_view kNarrowTable =
    "narrow the filters, the range or the level, or set a limit";

// Writes a whole table, as statistics answer without pages. RESOURCE_EXHAUSTED (TOO_MANY_ROWS): it
// is larger than kMaxPageBytes; `what` names the table for the message, `narrow` what to do.
// A call that is streamed gets it in `streamed` instead.
absl::Status WriteWholeTable(const StatisticCall& call, const Table& table, std::string_view what,
                             v1::Result* result, const LabelWriter& labels = nullptr,
                             std::string_view narrow = kNarrowTable);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_RUNNER_H_
