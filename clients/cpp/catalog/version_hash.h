#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_VERSION_HASH_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_VERSION_HASH_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace tidemark::catalog::v1 {
class Change;
}  // namespace tidemark::catalog::v1

// The chained hash of catalog versions: the catalog service makes it, watchers check it.
//
//   hash(0) = 32 zero bytes
//   hash(v) = SHA-256("tidemark-catalog-version\n" || hash of the version before || v as 8 bytes
//             || for each change of v, by ascending name: length as 4 bytes || bytes)
//
// Numbers are big-endian. A change's bytes are its proto3 wire format without `before`, fields
// by ascending number, map entries by ascending key.
namespace tidemark::catalog_client {

// 32 zero bytes.
std::string ZeroHash();

// `changes`: all of one version, in any order. Whether `before` is set makes no difference.
std::string NextVersionHash(std::string_view previous_hash, uint64_t version,
                            absl::Span<const catalog::v1::Change* const> changes);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_VERSION_HASH_H_
