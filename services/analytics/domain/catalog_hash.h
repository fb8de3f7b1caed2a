#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_CATALOG_HASH_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_CATALOG_HASH_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// OK when the catalog that is followed is the one that the log was judged by: `in_log` is what the
// log's CATALOG_MARK of `version` holds (zeros: nothing to compare), `in_catalog` the hash of the
// catalog's history up to it. FAILED_PRECONDITION: another catalog, one that was restored from a
// backup and went another way since, say; its hierarchies must not be applied to this log.
absl::Status CheckCatalogHash(uint64_t version, const CatalogHash& in_log,
                              std::string_view in_catalog);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_CATALOG_HASH_H_
