#ifndef TIDEMARK_COMMON_BASE_CRC32C_H_
#define TIDEMARK_COMMON_BASE_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace tidemark::base {

// CRC-32C (Castagnoli, RFC 3720 B.4). Uses the processor's instruction where there is one.
uint32_t Crc32c(std::string_view data);
// ExtendCrc32c(Crc32c(a), b) == Crc32c(a + b).
uint32_t ExtendCrc32c(uint32_t crc, std::string_view data);

namespace internal {
// The table version, which the instruction must agree with.
uint32_t ExtendCrc32cPortable(uint32_t crc, std::string_view data);
}  // namespace internal

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_CRC32C_H_
