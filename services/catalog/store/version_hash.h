#ifndef TIDEMARK_SERVICES_CATALOG_STORE_VERSION_HASH_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_VERSION_HASH_H_

#include <span>
#include <string>
#include <string_view>

#include "services/catalog/domain/catalog_store.h"

namespace tidemark::catalog {

// Hash of a version, chained to that of the version before: docs/formats/catalog-store.md.
// `changes`: all of the version, by ascending name; at least one. 32 bytes.
std::string NextVersionHash(std::string_view previous_hash, std::span<const StoredChange> changes);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_VERSION_HASH_H_
