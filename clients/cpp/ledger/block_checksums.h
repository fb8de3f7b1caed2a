// For tests: the checksums of a block whose bytes were changed.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_CHECKSUMS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_CHECKSUMS_H_

#include <string>
#include <string_view>

#include "clients/cpp/ledger/little_endian.h"
#include "common/base/crc32c.h"

namespace tidemark::ledger {

// Recomputes both checksums, as whoever forges a block would. `block` holds its whole header.
inline std::string WithChecksums(std::string block) {
  const auto header_bytes = LoadLittleEndian<uint32_t>(block, 12);
  std::string crc;
  AppendLittleEndian(base::Crc32c(std::string_view(block).substr(header_bytes)), &crc);
  block.replace(60, 4, crc);
  crc.clear();
  AppendLittleEndian(base::Crc32c(std::string_view(block).substr(0, header_bytes - 4)), &crc);
  block.replace(header_bytes - 4, 4, crc);
  return block;
}

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_CHECKSUMS_H_
