#ifndef TIDEMARK_SERVICES_CATALOG_STORE_USE_SEAL_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_USE_SEAL_H_

#include <cstdint>

#include "services/catalog/domain/use_store.h"

namespace tidemark::catalog {

// A checksum of a row, kept in it: money is owed by these numbers, and no page of SQLite has one.
// docs/formats/catalog-store.md.
int64_t SealOf(const UseSum& sum);
// Of what is remembered of a reporter: its last batch but for the sums.
int64_t SealOf(const UseBatch& batch);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_USE_SEAL_H_
