#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_CODES_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_CODES_H_

#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"

namespace tidemark::catalog {

// That a code of events names one provider, and one product: no two have it for the same source,
// nor one for a source and another for all (CODE_TAKEN). Costs what those that have a code of one
// that changes hold.
void CheckChangedCodes(std::span<const Change> changes, const NewestState& before,
                       const ResourceLookup& after, Problems& problems);

// The keys by which providers and products are found that have the same code.
void ForEachCodeKey(const Document& document, absl::FunctionRef<void(std::string_view key)> visit);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_CODES_H_
