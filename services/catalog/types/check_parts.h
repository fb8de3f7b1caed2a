#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_PARTS_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_PARTS_H_

#include <span>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"

namespace tidemark::catalog {

// That no change takes away a part that another resource names by its id: a line of a policy, a
// content of a programme or candidacy, a criterion that a recorded programme's assessments score
// (STILL_REFERENCED). Costs what refers to a resource that loses such a part, and nothing where
// none does.
void CheckRemovedParts(std::span<const Change> changes, const ResourceLookup& after,
                       Problems& problems);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_PARTS_H_
