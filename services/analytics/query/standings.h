#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_STANDINGS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_STANDINGS_H_

#include <cstdint>
#include <vector>

#include "services/analytics/query/cell_index.h"
#include "services/analytics/query/measures.h"
#include "services/analytics/query/plan.h"

// How the rows of a period stand to each other: what each is a share of, and its rank. `rows` are
// cells of one or more periods, by ascending period.
namespace tidemark::analytics {

// Per row, the number of its denominator: rows with equal numbers (below rows.size()) share one.
std::vector<uint32_t> ShareDenominators(const Plan& plan, const EnginePlan& engine_plan,
                                        const EngineResult& result, const CellIndex& index,
                                        const std::vector<uint32_t>& rows,
                                        const PlannedShare& share);

// Per row, its rank by `values` within its period from 1 on, ties sharing one; 0: not ranked (a
// null, UNKNOWN or UNALLOCATED).
std::vector<int64_t> RankRows(const Plan& plan, const EnginePlan& engine_plan,
                              const EngineResult& result, const std::vector<uint32_t>& rows,
                              const CellValues& values, const PlannedRank& rank);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_STANDINGS_H_
