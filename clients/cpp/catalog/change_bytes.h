#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_CHANGE_BYTES_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_CHANGE_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace tidemark::catalog::v1 {
class Change;
}  // namespace tidemark::catalog::v1

// The parts of version_hash.h, for callers that keep the bytes as well.
namespace tidemark::catalog_client {

// What is hashed of a change: its deterministic wire format without `before`.
std::string ChangeBytes(const catalog::v1::Change& change);

// Like NextVersionHash. `changes`: ChangeBytes, by ascending name.
std::string HashOfBytes(std::string_view previous_hash, uint64_t version,
                        absl::Span<const std::string_view> changes);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_CHANGE_BYTES_H_
