#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_OPEN_CODES_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_OPEN_CODES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// Codes that no catalog lists are known by having been met: INVALID_ARGUMENT (UNKNOWN_CODE) for a
// filter's code of an open dimension, or order, that no effect below the plan's snapshot has, with
// the nearest that one has. `plan` must be of a query without region scope: what exists outside of
// a caller's region must not be told to it.
absl::Status CheckOpenCodes(const Plan& plan, const StatStore& store);

// The codes of an open dimension that an effect below `log_size` has; none where there are too many
// to look at each (thousands). As CheckOpenCodes not for callers with a region scope.
std::vector<std::string> MetCodes(Field field, uint64_t log_size, const StatStore& store);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_OPEN_CODES_H_
