#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_ETAG_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_ETAG_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// Differs for every state that a resource has had.
std::string EtagOf(const Resource& resource);

// As input: the resource must not exist. Never an etag of a state.
inline constexpr std::string_view kAbsentEtag = "absent";

// ABORTED (ETAG_MISMATCH) unless `etag` is empty or that of `stored` (null: does not exist, and
// kAbsentEtag is right).
absl::Status CheckEtag(std::string_view field, std::string_view name, std::string_view etag,
                       const Resource* stored);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_ETAG_H_
