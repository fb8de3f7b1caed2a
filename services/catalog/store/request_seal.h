#ifndef TIDEMARK_SERVICES_CATALOG_STORE_REQUEST_SEAL_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_REQUEST_SEAL_H_

#include <string>

#include "services/catalog/domain/catalog_store.h"

namespace tidemark::catalog {

// Versions have their chained hash; answers to request ids are no part of it and carry a checksum
// of their own behind the fingerprint (docs/formats/catalog-store.md).

// What the column `fingerprint` holds of a record.
std::string SealRequest(const RequestRecord& record);

// `record` as its row says, with the column in place of the fingerprint; takes the checksum off.
// False when it does not fit. Rows of 32 bytes, of an earlier release, have none.
bool OpenRequest(RequestRecord* record);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_REQUEST_SEAL_H_
