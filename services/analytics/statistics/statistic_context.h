#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_STATISTIC_CONTEXT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_STATISTIC_CONTEXT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/domain/source_day.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/query/query.h"
#include "services/analytics/query/table.h"
#include "services/analytics/statistics/catalog_reader.h"

namespace tidemark::analytics {

// What a named statistic is computed from: one snapshot of the events, and the catalog that it is
// judged by. Statistics ask for events by queries, so filters, levels, periods, the caller's region
// and coverage mean the same everywhere.
struct StatisticContext {
  SnapshotInfo snapshot;
  // At the snapshot's version; has an observatory.
  std::shared_ptr<const catalog_client::CatalogView> view;
  // Of the observatory's time zone.
  std::shared_ptr<const Calendar> calendar;
  // Not owned.
  const StatStore* store = nullptr;
  // May be null: no source ever closed a day.
  const SourceDays* source_days = nullptr;
  // What the view does not hold, to be read at snapshot.catalog_version. Not owned.
  CatalogReader* catalog = nullptr;
  // What the caller may see; empty: everything.
  std::string region_scope;
  // As EngineQuery::stop; to be asked in every long loop.
  std::function<absl::Status()> stop;

  int scale() const { return view->observatory()->scale; }
  const std::string& currency() const { return view->observatory()->currency; }
};

// A query with what the engine said to it. `result` has cells of periods that are not shown too,
// where the query compares.
struct AskedCells {
  Plan plan;
  EnginePlan engine_plan;
  EngineResult result;
};

// MakePlan at the context. Fields of errors are those of the query without "query.", so a request
// with `filters`, `range` and `grain` of its own can pass them on.
absl::StatusOr<Plan> PlanQuery(const StatisticContext& context, const Query& query);

// The exact integers of a query's cells. Errors of PlanQuery, MakeEnginePlan and AskStore.
absl::StatusOr<AskedCells> AskCells(const StatisticContext& context, const Query& query);

// As the column `period` has it; empty: the plan's periods have no names.
std::string NameOfPeriod(const Plan& plan, uint32_t period);

// The whole table of a query. Errors of PlanQuery, LoadDenominators and Answer.
absl::StatusOr<Table> AskTable(const StatisticContext& context, const Query& query);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_STATISTIC_CONTEXT_H_
