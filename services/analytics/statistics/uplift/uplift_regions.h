#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_REGIONS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_REGIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/uplift/differences.h"
#include "services/analytics/statistics/uplift/uplift.h"
#include "services/analytics/statistics/uplift/uplift_days.h"

namespace tidemark::analytics {

enum class UpliftRole : uint8_t { kTreated, kControl, kLeftOut, kZeroDays };

// Daily gross of regions, by code.
struct UpliftRegions {
  std::vector<std::string> codes;
  DailyGross gross{0, 0};
  // By region.
  std::vector<UpliftRole> roles;
  std::vector<size_t> treated;
  std::vector<size_t> controls;
  // Of days in the windows that are not fully covered.
  size_t partial_days = 0;
  std::vector<PlanNote> notes;
  RegionRole region_role = RegionRole::kNone;
  uint64_t effects_scanned = 0;
};

// Reads them and says which are compared. INVALID_ARGUMENT: a code that is none, or in two lists;
// FAILED_PRECONDITION (ZERO_DAYS, NO_CONTROLS); errors of AskCells.
absl::StatusOr<UpliftRegions> ReadUpliftRegions(const StatisticContext& context,
                                                const UpliftQuestion& question,
                                                const UpliftDays& days);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_REGIONS_H_
