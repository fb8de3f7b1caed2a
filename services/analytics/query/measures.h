#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_MEASURES_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_MEASURES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// The values of one measure, per cell.
struct CellValues {
  bool doubles = false;
  std::vector<int64_t> integers;
  std::vector<double> reals;
  // Empty: none is null.
  std::vector<NullReason> nulls;

  NullReason null(uint32_t cell) const { return nulls.empty() ? NullReason::kNone : nulls[cell]; }
};

// Of `measure`, out of what the engine computed. OUT_OF_RANGE: a difference does not fit 64 bits.
// What EngineQuery::stop says.
absl::StatusOr<CellValues> ComputeMeasure(const PlannedMeasure& measure, const EngineQuery& query,
                                          const EngineResult& result, int scale);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_MEASURES_H_
