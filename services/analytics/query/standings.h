#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_STANDINGS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_STANDINGS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/query/cell_index.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/query/table.h"

// How the rows of a period stand to each other: what each is a share of, and its rank. `rows` are
// cells of one or more periods, by ascending period. Errors: what EngineQuery::stop says.
namespace tidemark::analytics {

// Per row, the number of its whole: rows with equal numbers share one. Each is at most 1 above
// those before it.
absl::StatusOr<std::vector<uint32_t>> WholesOf(const Plan& plan, const EnginePlan& engine_plan,
                                               const EngineResult& result, const CellIndex& index,
                                               const std::vector<uint32_t>& rows,
                                               const PlannedWhole& whole);

// Per row, (x ÷ Σ of its place) ÷ (Σ of its other groups everywhere ÷ Σ of all), within its period;
// `values`: x by cell. ZERO_DENOMINATOR.
absl::StatusOr<std::vector<Number>> LocationQuotients(const EnginePlan& engine_plan,
                                                      const EngineResult& result,
                                                      const std::vector<uint32_t>& rows,
                                                      const std::vector<int64_t>& values,
                                                      const PlannedQuotient& quotient);

// Per row, its rank by `ranked`, a column of numbers of these rows, within its period from 1 on,
// ties sharing one; 0: not ranked (a null, UNKNOWN or UNALLOCATED).
absl::StatusOr<std::vector<int64_t>> RankRows(const Plan& plan, const EnginePlan& engine_plan,
                                              const EngineResult& result,
                                              const std::vector<uint32_t>& rows,
                                              const Column& ranked, bool ascending);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_STANDINGS_H_
