#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_ABOVE_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_ABOVE_H_

#include <google/protobuf/message.h>

#include <string_view>

#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"

namespace tidemark::catalog {

// Judges the fields that refer to what is above (Rule.most_above), wherever in the document they
// stand: no cycle, and not too many one above the other. `name` is the document's.
void CheckAbove(const google::protobuf::Message& document, std::string_view name,
                const ResourceLookup& after, Report& report);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_ABOVE_H_
