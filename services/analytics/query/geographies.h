#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_GEOGRAPHIES_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_GEOGRAPHIES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// Which moments are alike for what a plan shows, keeps and rolls up to: for each of `moments` the
// first of them by whose regions and groups every event counts in the same place. None for all:
// there is one such state, and by the time of events in [start_us, end_us) places are the same too.
std::vector<std::optional<int64_t>> AlikeMoments(const Plan& plan,
                                                 const std::vector<int64_t>& moments,
                                                 int64_t start_us, int64_t end_us);

// The last moment up to which an answer about a period looks at regions and groups: that of its
// last day; of a period that is not over at the snapshot, of the snapshot's day.
int64_t LastMomentOf(const Calendar& calendar, const SnapshotInfo& snapshot, int64_t end_us);

// Times up to `last_us` at which some region or the members of some group change, ascending.
std::vector<int64_t> ChangesOfPlaces(const catalog_client::CatalogView& view, int64_t last_us);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_GEOGRAPHIES_H_
