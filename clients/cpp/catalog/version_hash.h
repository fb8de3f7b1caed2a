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
//             || time_us as 8 bytes || block(changed_by)
//             || for each change of v, by ascending name: kind as 4 bytes || block(name)
//                || block(state))
//
// Numbers are big-endian; a block is its length as 4 bytes and its bytes. `state` is hashed as it
// was sent, so fields that this release does not know make no difference.
namespace tidemark::catalog_client {

// 32 zero bytes.
std::string ZeroHash();

// `changes`: all of one version, as WatchResources sends them, in any order; at least one.
std::string NextVersionHash(std::string_view previous_hash,
                            absl::Span<const catalog::v1::Change* const> changes);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_VERSION_HASH_H_
