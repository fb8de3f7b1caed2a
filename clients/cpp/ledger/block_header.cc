#include "clients/cpp/ledger/block_header.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/little_endian.h"
#include "common/base/crc32c.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

constexpr size_t kLengthEnd = 16;  // magic, format, flags, header length
constexpr size_t kWriteOffset = 64;

absl::Status Damaged(std::string_view message) {
  return absl::DataLossError(absl::StrCat("block header: ", message));
}

absl::Status CutShort(size_t have, size_t want) {
  return absl::OutOfRangeError(absl::StrCat("block header: ", have, " bytes, want ", want));
}

// Magic, length and checksum, as in every format. Returns the header's bytes.
absl::StatusOr<std::string_view> CheckFrame(std::string_view bytes) {
  const std::string_view magic = kBlockMagic.substr(0, bytes.size());
  if (bytes.substr(0, magic.size()) != magic)
    return Damaged("does not start with the mark of a block");
  if (bytes.size() < kLengthEnd) return CutShort(bytes.size(), kLengthEnd);
  const auto length = LoadLittleEndian<uint32_t>(bytes, 12);
  if (length < kFixedHeaderBytes + 4 || length > kMaxAnyHeaderBytes) {
    return Damaged(absl::StrCat("length ", length, " is impossible"));
  }
  if (bytes.size() < length) return CutShort(bytes.size(), length);
  const std::string_view header = bytes.substr(0, length);
  if (base::Crc32c(header.substr(0, length - 4)) !=
      LoadLittleEndian<uint32_t>(header, length - 4)) {
    return Damaged("the checksum is wrong");
  }
  const auto format = LoadLittleEndian<uint16_t>(header, 8);
  const auto flags = LoadLittleEndian<uint16_t>(header, 10);
  if (format == 0) return Damaged("format 0 does not exist");
  if (format > kBlockFormat || flags != 0) {
    return absl::UnimplementedError(absl::StrCat("block format ", format, " with flags ", flags,
                                                 ", this program reads format ", kBlockFormat,
                                                 " without flags; use a newer one"));
  }
  return header;
}

absl::Status CheckFields(const BlockHeader& header, size_t nodes) {
  if (header.record_count == 0 || header.record_count > kMaxBlockRecords) {
    return Damaged(absl::StrCat(header.record_count, " records, want 1 to ", kMaxBlockRecords));
  }
  if (header.raw_bytes > kMaxBlockRawBytes || header.body_bytes > kMaxBlockRawBytes) {
    return Damaged(absl::StrCat("body of ", header.body_bytes, " bytes, ", header.raw_bytes,
                                " unpacked, want at most ", kMaxBlockRawBytes));
  }
  if (header.first_leaf > kMaxLeaf - kMaxBlockRecords) {
    return Damaged(absl::StrCat("first leaf ", header.first_leaf, " is impossible"));
  }
  if (header.write_first_leaf > header.first_leaf) {
    return Damaged(absl::StrCat("its write begins with leaf ", header.write_first_leaf,
                                ", after its own first, ", header.first_leaf));
  }
  if (header.leaf_version == 0) return Damaged("leaf version 0 does not exist");
  if (CompactRangeNodes(header.first_leaf, header.end_leaf()).size() != nodes) {
    return Damaged(absl::StrCat(nodes, " tree nodes do not fit the range"));
  }
  return absl::OkStatus();
}

}  // namespace

void AppendHeader(const BlockHeader& header, std::string* out) {
  const size_t begin = out->size();
  out->append(kBlockMagic);
  AppendLittleEndian(header.format, out);
  AppendLittleEndian(uint16_t{0}, out);  // flags
  AppendLittleEndian(static_cast<uint32_t>(header.header_bytes()), out);
  AppendLittleEndian(header.first_leaf, out);
  AppendLittleEndian(static_cast<uint64_t>(header.accepted_time_us), out);
  out->append(header.log_id.begin(), header.log_id.end());
  AppendLittleEndian(header.record_count, out);
  AppendLittleEndian(header.body_bytes, out);
  AppendLittleEndian(header.raw_bytes, out);
  AppendLittleEndian(header.body_crc, out);
  AppendLittleEndian(header.write_first_leaf, out);
  AppendLittleEndian(header.leaf_version, out);
  for (const Hash& node : header.nodes) out->append(node.begin(), node.end());
  AppendLittleEndian(base::Crc32c(std::string_view(*out).substr(begin)), out);
}

std::string HeaderInWrite(std::string_view block, uint64_t write_first_leaf) {
  const auto length = LoadLittleEndian<uint32_t>(block, 12);
  std::string header(block.substr(0, kWriteOffset));
  AppendLittleEndian(write_first_leaf, &header);
  header.append(block.substr(header.size(), length - 4 - header.size()));
  AppendLittleEndian(base::Crc32c(header), &header);
  return header;
}

absl::StatusOr<BlockHeader> PeekHeader(std::string_view bytes) {
  TM_ASSIGN_OR_RETURN(const std::string_view data, CheckFrame(bytes));
  const size_t node_bytes = data.size() - kFixedHeaderBytes - 4;
  if (node_bytes % sizeof(Hash) != 0) return Damaged("the tree nodes are cut");
  BlockHeader header;
  header.format = LoadLittleEndian<uint16_t>(data, 8);
  header.first_leaf = LoadLittleEndian<uint64_t>(data, 16);
  header.accepted_time_us = static_cast<int64_t>(LoadLittleEndian<uint64_t>(data, 24));
  std::memcpy(header.log_id.data(), data.data() + 32, header.log_id.size());
  header.record_count = LoadLittleEndian<uint32_t>(data, 48);
  header.body_bytes = LoadLittleEndian<uint32_t>(data, 52);
  header.raw_bytes = LoadLittleEndian<uint32_t>(data, 56);
  header.body_crc = LoadLittleEndian<uint32_t>(data, 60);
  header.write_first_leaf = LoadLittleEndian<uint64_t>(data, kWriteOffset);
  header.leaf_version = LoadLittleEndian<uint32_t>(data, 72);
  TM_RETURN_IF_ERROR(CheckFields(header, node_bytes / sizeof(Hash)));
  header.nodes.resize(node_bytes / sizeof(Hash));
  std::memcpy(header.nodes.data(), data.data() + kFixedHeaderBytes, node_bytes);
  return header;
}

absl::StatusOr<BlockHeader> VerifyBlock(std::string_view block) {
  TM_ASSIGN_OR_RETURN(BlockHeader header, PeekHeader(block));
  if (block.size() < header.block_bytes()) {
    return absl::OutOfRangeError(
        absl::StrCat("block: ", block.size(), " bytes, want ", header.block_bytes()));
  }
  if (block.size() > header.block_bytes()) {
    return absl::DataLossError(absl::StrCat("block: ", block.size() - header.block_bytes(),
                                            " bytes follow its end at ", header.block_bytes()));
  }
  if (base::Crc32c(block.substr(header.header_bytes())) != header.body_crc) {
    return absl::DataLossError(
        absl::StrCat("block of leaf ", header.first_leaf, ": the checksum of the body is wrong"));
  }
  return header;
}

}  // namespace tidemark::ledger
