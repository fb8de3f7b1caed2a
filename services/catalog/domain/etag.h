#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_ETAG_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_ETAG_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// Differs for every state that a resource has had.
std::string EtagOf(const Resource& resource);

// ABORTED (ETAG_MISMATCH) unless `etag` is empty or that of `stored` (null: does not exist).
absl::Status CheckEtag(std::string_view field, std::string_view name, std::string_view etag,
                       const Resource* stored);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_ETAG_H_
