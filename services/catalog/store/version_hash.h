#ifndef TIDEMARK_SERVICES_CATALOG_STORE_VERSION_HASH_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_VERSION_HASH_H_

#include <span>
#include <string>
#include <string_view>

#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// Hash of `version`, chained to that of the version before: docs/formats/catalog-store.md.
// `changes`: all of the version, by ascending name. 32 bytes.
std::string NextVersionHash(std::string_view previous_hash, uint64_t version,
                            std::span<const Change> changes);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_VERSION_HASH_H_
