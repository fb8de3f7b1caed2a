#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STANDING_SUMS_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STANDING_SUMS_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "clients/cpp/catalog/local_days.h"
#include "services/analytics/domain/link_fold.h"
#include "services/analytics/domain/source_day.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// What stands below `log_size` of sources for the days [first, end), from the effects and from what
// they do not say. Calls `take` with parts to be added up, `source` a position in `sources`; not
// for days without any. Errors of StatStore::Run.
absl::Status ReadStanding(
    const StatStore& store, const LinkFold& links, catalog_client::LocalDays* days,
    std::span<const std::string> sources, int32_t first, int32_t end, uint64_t log_size,
    absl::FunctionRef<void(size_t source, int32_t day, const StandingSums& sums)> take);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STANDING_SUMS_H_
