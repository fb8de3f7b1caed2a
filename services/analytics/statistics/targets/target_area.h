#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_AREA_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_AREA_H_

#include <cstdint>
#include <string_view>

#include "services/analytics/query/crosswalk.h"

namespace tidemark::analytics {

// Whether `place`, `regions/...` or `regionGroups/...`, is another area at `later_us` than it was
// at `earlier_us`: something came to the region or left it, or the group has other members. What
// only got another code, or passed between members of the group by weights, changes nothing; nor
// does what a region is made of that was not there yet: numbers of it for an earlier time were made
// for it later. Places that the view does not have do not change.
bool AreaChanges(Crosswalk* crosswalk, std::string_view place, int64_t earlier_us,
                 int64_t later_us);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_TARGET_AREA_H_
