// The header of a block (docs/formats/block.md): all that is needed to walk a file of blocks and to
// rebuild the tree, without unpacking a body.
//
//   // With min(kMaxAnyHeaderBytes, rest of the file) bytes a later format is told, too.
//   StatusOr<BlockHeader> h = PeekHeader(bytes_at_offset);
//   offset += h->block_bytes();
//
// Thread-safe. No I/O.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_HEADER_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// The first 8 bytes of every block; not UTF-8, so that no text holds it.
inline constexpr std::string_view kBlockMagic = "\xB7TMBLK\r\n";
inline constexpr uint16_t kBlockFormat = 1;
inline constexpr uint32_t kMaxBlockRecords = uint32_t{1} << 20;
inline constexpr uint32_t kMaxBlockRawBytes = uint32_t{64} << 20;
inline constexpr size_t kFixedHeaderBytes = 76;
// Header of a block of the most records: its compact range has at most 40 nodes.
inline constexpr size_t kMaxHeaderBytes = kFixedHeaderBytes + 40 * 32 + 4;
// No header of any format, known or later, is longer.
inline constexpr size_t kMaxAnyHeaderBytes = size_t{64} << 10;

struct BlockHeader {
  uint16_t format = kBlockFormat;
  uint32_t record_count = 0;     // 1 to kMaxBlockRecords
  uint64_t first_leaf = 0;       // leaf index of record 0
  int64_t accepted_time_us = 0;  // of every record of the block
  LogId log_id = {};
  uint32_t body_bytes = 0;  // as stored
  uint32_t raw_bytes = 0;   // all streams unpacked; at most kMaxBlockRawBytes
  uint32_t body_crc = 0;    // CRC-32C of the stored body
  // First leaf of the write this block is part of: all blocks of one write become durable together,
  // and a write begins only when the one before is durable. At most `first_leaf`.
  uint64_t write_first_leaf = 0;
  // Of the leaves of all records of the block; readers of columns may ignore it.
  uint32_t leaf_version = kLeafVersion;
  std::vector<Hash> nodes;  // compact range of [first_leaf, first_leaf + record_count)

  size_t header_bytes() const { return kFixedHeaderBytes + 32 * nodes.size() + 4; }
  size_t block_bytes() const { return header_bytes() + body_bytes; }
  uint64_t end_leaf() const { return first_leaf + record_count; }
  // The block's leaves as a range to append to the log's.
  CompactRange range() const { return *CompactRange::Create(first_leaf, end_leaf(), nodes); }
};

// Appends the header's bytes.
void AppendHeader(const BlockHeader& header, std::string* out);

// The header's bytes of a good `block`, as part of the write that begins with `write_first_leaf`
// (at most the block's first leaf). Whoever writes blocks knows this only when it writes them.
std::string HeaderInWrite(std::string_view block, uint64_t write_first_leaf);

// Reads the header at the start of `bytes`, which may end anywhere; the body is not needed and not
// checked. OUT_OF_RANGE: `bytes` ends inside the header; as far as it goes it is right (a torn
// write, when it is the file's end). DATA_LOSS: it is not a header of this format, or its checksum
// is wrong. UNIMPLEMENTED: it is a good header of a later format.
absl::StatusOr<BlockHeader> PeekHeader(std::string_view bytes);

// Checks that `block` is exactly one block whose body has the right checksum, without unpacking it.
// OUT_OF_RANGE when it ends early, DATA_LOSS otherwise.
absl::StatusOr<BlockHeader> VerifyBlock(std::string_view block);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_HEADER_H_
