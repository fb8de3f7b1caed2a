#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_CODES_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_CODES_H_

#include <span>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"

namespace tidemark::catalog {

// That a code of events names one provider, and one product: no two have it for the same source,
// nor one for a source and another for all (CODE_TAKEN). Costs a pass over all providers, or
// products, when one that changes has codes.
void CheckChangedCodes(std::span<const Change> changes, const NewestState& before,
                       const ResourceLookup& after, Problems& problems);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_CODES_H_
