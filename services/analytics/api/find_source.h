#ifndef TIDEMARK_SERVICES_ANALYTICS_API_FIND_SOURCE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_FIND_SOURCE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/catalog/catalog_view.h"

namespace tidemark::analytics {

// The source that the request's field `source` names, part of the view. INVALID_ARGUMENT
// (UNKNOWN_CODE) with the nearest there is.
absl::StatusOr<const catalog_client::Source*> FindSource(const catalog_client::CatalogView& view,
                                                         std::string_view id);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_FIND_SOURCE_H_
