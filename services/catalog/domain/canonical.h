#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_CANONICAL_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_CANONICAL_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/catalog/domain/resource.h"

// The one byte form of a state: what is stored, sent to watchers, hashed and compared. It is the
// protobuf encoding of tidemark.catalog.v1.Resource without etag, version, update_time_us and
// updated_by, written here in full so that it cannot change under a library: fields ascending,
// defaults left out, display names by language, repeated numbers packed.
// docs/formats/catalog-store.md.
namespace tidemark::catalog {

std::string EncodeState(const Resource& resource);

// Reads what EncodeState of this or another release wrote; fields it does not know are skipped, as
// by any protobuf reader. Hence hashes are made of stored bytes, never of bytes encoded again.
// DATA_LOSS when the bytes are no such message.
absl::StatusOr<Resource> DecodeState(std::string_view bytes);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_CANONICAL_H_
