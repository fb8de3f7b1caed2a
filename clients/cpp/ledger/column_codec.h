// Private to the block sources: numbers shared by encoder and decoder of columns
// (docs/formats/block.md, "Encodings").
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_CODEC_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_CODEC_H_

#include <cstddef>
#include <cstdint>

namespace tidemark::ledger {

enum class Encoding : uint8_t {
  kConstant = 1,    // the same value in every row
  kDictionary = 2,  // distinct values and an index per row
  kPlain = 3,       // texts, or 16-byte values, one after the other
  kUuid = 4,        // texts that are UUIDs, 16 bytes each
  kHex = 5,         // texts of hexadecimal digits, all of one length
  kFrame = 6,       // integers as minimum + divisor * delta
};

inline constexpr size_t kUuidTextBytes = 36;
inline constexpr size_t kUuidBytes = 16;

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_CODEC_H_
