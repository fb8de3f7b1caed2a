#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_COMPARISON_COLUMNS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_COMPARISON_COLUMNS_H_

#include "absl/status/status.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/row_columns.h"

namespace tidemark::analytics {

// Adds the columns of all comparisons that the plan has, in its order: previous period, year
// earlier, years to date, far bases, then contributions to growth. OUT_OF_RANGE (SUM_OVERFLOW): a
// difference does not fit 64 bits. What the stop of `columns` says.
absl::Status AddComparisonColumns(const EnginePlan& engine_plan, const EngineResult& result,
                                  RowColumns* columns);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_COMPARISON_COLUMNS_H_
