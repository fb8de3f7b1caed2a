#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_PER_HEAD_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_PER_HEAD_H_

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/query/cell_facts.h"
#include "services/analytics/query/denominators.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/query/ratios.h"

// Measures divided by the official figures of the row's place and period.
namespace tidemark::analytics {

inline constexpr uint8_t kPartYear = 1, kCarried = 2, kQualified = 4, kWeighed = 8;

struct PerHeadColumns {
  // By Plan::per_head, then by row.
  std::vector<std::vector<Number>> numbers;
  // By row: kPartYear and so on, joined. Empty when nothing is divided.
  std::vector<uint8_t> flags;
  // Which figures were read.
  std::vector<PlanNote> notes;
};

// `rows`: cells. What the plan divides by must be loaded. What EngineQuery::stop says.
absl::StatusOr<PerHeadColumns> DividePerHead(const Plan& plan, const EnginePlan& engine_plan,
                                             const EngineResult& result, const CellFacts& facts,
                                             const std::vector<uint32_t>& rows);

// The day whose year decides the population of a period: its last; of what has no end the
// snapshot's.
DaySpan LastDayOf(const Plan& plan, const PlannedPeriod& period);

// Whether all of the place lies in what a filter on places names, on the last of the days.
bool IsWithin(const Plan& plan, const PlannedFilter& filter, const OfficialPlace& place,
              const DaySpan& days);
// False for what is not inside of the region, group or asset that the plan's caller is confined to:
// figures of it are not told.
bool IsToldOf(const Plan& plan, const OfficialPlace& place, const DaySpan& days);

// Adds of each series and vintage the periods that were read; nothing without figures.
void NoteFigures(std::string_view code, const std::set<OfficialFigure>& figures,
                 std::vector<PlanNote>* notes);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_PER_HEAD_H_
