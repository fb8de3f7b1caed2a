// Blocks, as read from disk or from another service, their checksums right or made right: damage is
// reported, columns and rows say the same, and the records of a block that has leaves make another
// block with the same records and leaves.
#include <vector>

#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/block_checksums.h"
#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/random_records.h"
#include "services/ingest/domain/row_blocks.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::ledger {
namespace {

// Larger ones are opened only: each row costs up to 350 bytes.
constexpr size_t kMostRows = 1 << 14;

const HmacKey& SaltKey() {
  static const HmacKey* key = new HmacKey("salt key");
  return *key;
}

void CheckStatus(const absl::Status& status) {
  FUZZ_CHECK(status.ok() || absl::IsDataLoss(status) || absl::IsUnimplemented(status) ||
                 absl::IsOutOfRange(status),
             status.ToString());
}

// True when the column can be read; then it says something of every row.
bool ReadColumn(BlockReader& reader, Column column) {
  const auto good = [&](const absl::Status& status, size_t rows) {
    CheckStatus(status);
    if (status.ok()) FUZZ_CHECK(rows == reader.size(), "a value per row");
    return status.ok();
  };
  switch (TypeOf(column)) {
    case ColumnType::kText: {
      const auto texts = reader.Text(column);
      if (!good(texts.status(), texts.ok() ? texts->index.size() : 0)) return false;
      for (size_t row = 0; row < reader.size(); ++row) {
        FUZZ_CHECK((*texts)[row].size() <= kMaxBlockRawBytes, "a text is a part of the block");
      }
      return true;
    }
    case ColumnType::kInteger: {
      const auto integers = reader.Integers(column);
      return good(integers.status(), integers.ok() ? integers->values.size() : 0);
    }
    case ColumnType::kLink: {
      const auto links = reader.Links(column);
      return good(links.status(), links.ok() ? links->leaves.size() : 0);
    }
    case ColumnType::kSmall: {
      const auto small = reader.Small(column);
      return good(small.status(), small.ok() ? small->values.size() : 0);
    }
    case ColumnType::kFixed16: {
      const auto fixed = reader.Fixed16(column);
      if (!good(fixed.status(), fixed.ok() ? fixed->index.size() : 0)) return false;
      uint8_t sum = 0;
      for (size_t row = 0; row < reader.size(); ++row) {
        const char* data = fixed->data(row);
        for (int i = 0; data != nullptr && i < 16; ++i) sum ^= static_cast<uint8_t>(data[i]);
      }
      [[maybe_unused]] static volatile uint8_t sink;  // keeps the reads above
      sink = sum;
      return true;
    }
  }
  return false;
}

void CheckSameBlock(BlockReader& reader, const LeafBatch& leaves) {
  BlockBuilder builder;
  for (size_t row = 0; row < reader.size(); ++row) {
    const bool event = *reader.Kind(row) == static_cast<uint8_t>(RecordKind::kEvent);
    const absl::Status added =
        event ? builder.Add(*reader.Record(row)) : builder.AddControl(*reader.Control(row));
    FUZZ_CHECK(added.ok(), "what has a leaf can be stored: " + added.ToString());
  }
  std::vector<Hash> hashes;
  leaves.HashLeaves(&hashes);
  CompactRange range(reader.header().first_leaf);
  range.Append(hashes);
  std::string block;
  const absl::Status made = builder.Finish({.first_leaf = reader.header().first_leaf,
                                            .accepted_time_us = reader.header().accepted_time_us,
                                            .log_id = reader.header().log_id,
                                            .nodes = range.nodes()},
                                           &block);
  FUZZ_CHECK(made.ok(), made.ToString());
  auto again = BlockReader::Open(block);
  FUZZ_CHECK(again.ok(), again.status().ToString());
  FUZZ_CHECK(again->size() == reader.size(), "as many records");
  LeafBatch same(&SaltKey());
  const absl::Status verified = VerifyLeaves(*again, &same);
  FUZZ_CHECK(verified.ok(), verified.ToString());
  for (size_t row = 0; row < reader.size(); ++row) {
    FUZZ_CHECK(same.leaf(row) == leaves.leaf(row), "the same leaves");
    if (*reader.Kind(row) != static_cast<uint8_t>(RecordKind::kEvent)) continue;
    const std::string_view field = FirstFieldThatDiffers(*again->Record(row), *reader.Record(row));
    FUZZ_CHECK(field.empty(), "differs: " + std::string(field));
  }
}

void CheckBlock(std::string_view bytes) {
  const auto header = VerifyBlock(bytes);
  CheckStatus(header.status());
  if (header.ok()) {
    FUZZ_CHECK(
        HeaderInWrite(bytes, header->write_first_leaf) == bytes.substr(0, header->header_bytes()),
        "a header has one encoding");
  }
  auto reader = BlockReader::Open(bytes);
  CheckStatus(reader.status());
  if (!reader.ok()) return;
  FUZZ_CHECK(header.ok(), header.status().ToString());
  if (reader->size() > kMostRows) return;
  bool all = true;
  for (size_t column = 1; column < kColumnCount; ++column) {
    all = ReadColumn(*reader, static_cast<Column>(column)) && all;
  }
  LeafBatch leaves(&SaltKey());
  const absl::Status derived = DeriveLeaves(*reader, &leaves);
  CheckStatus(derived);
  if (!derived.ok()) return;
  FUZZ_CHECK(all, "rows can be read where a column cannot");
  FUZZ_CHECK(leaves.size() == reader->size(), "a leaf per row");
  CheckSameBlock(*reader, leaves);
}

// The block as it comes from a front of the log: rows to be appended, in the order of the block.
void CheckRows(std::string_view bytes) {
  auto rows = ingest::RowBlocks::Open({bytes, bytes}, 2 * kMostRows);
  EventRows records;
  const absl::Status read = rows.ok() ? rows->AppendTo(&records) : rows.status();
  if (!read.ok()) {
    FUZZ_CHECK(absl::IsInvalidArgument(read), read.ToString());
    return;
  }
  FUZZ_CHECK(records.size() == rows->size() && records.size() % 2 == 0, "all rows, twice");
  const size_t half = records.size() / 2;
  for (size_t row = 0; row < half; ++row) {
    const std::string_view field =
        FirstFieldThatDiffers(records.Record(row), records.Record(half + row));
    FUZZ_CHECK(field.empty(), "differs: " + std::string(field));
  }
}

// The block with the length of its body and its checksums made right; none where it has no header.
std::string Forged(std::string_view bytes) {
  if (bytes.size() < kFixedHeaderBytes + 4) return {};
  const auto header_bytes = LoadLittleEndian<uint32_t>(bytes, 12);
  if (header_bytes < kFixedHeaderBytes + 4 || header_bytes > bytes.size()) return {};
  std::string block(bytes);
  std::string length;
  AppendLittleEndian(static_cast<uint32_t>(bytes.size() - header_bytes), &length);
  block.replace(52, 4, length);
  return WithChecksums(std::move(block));
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  CheckBlock(bytes);
  const std::string forged = Forged(bytes);
  if (!forged.empty() && forged != bytes) CheckBlock(forged);
  CheckRows(forged.empty() ? bytes : forged);
}

}  // namespace tidemark::ledger
