#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_MAPPING_CUTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_MAPPING_CUTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// Splits the slices of a query at `cuts` (ascending), so that a grouping that is added to it can
// have other tables from each on. The result has by new mapping the number of cuts at or before
// its slices; filters and groupings there are keep their meaning. RESOURCE_EXHAUSTED
// (TOO_MANY_PERIODS, TOO_MANY_MEMBERSHIP_CHANGES), saying what to narrow.
absl::StatusOr<std::vector<size_t>> CutMappings(const std::vector<int64_t>& cuts,
                                                EngineQuery* query);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_MAPPING_CUTS_H_
