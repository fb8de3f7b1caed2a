#include "services/ingest/domain/row_blocks.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block_builder.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

absl::Status BadRows(std::string_view what) {
  return status::WithReason(
      absl::InvalidArgumentError(absl::StrCat(
          "blocks: ", what, "; do front and owner of the log run releases next to each other?")),
      "BAD_ROWS");
}

absl::Status FinishBlock(ledger::BlockBuilder& builder, uint64_t first_leaf,
                         std::vector<std::string>* blocks) {
  // The tree is the owner's; only the number of nodes must be right.
  const std::vector<ledger::Hash> nodes(
      ledger::CompactRangeNodes(first_leaf, first_leaf + builder.size()).size());
  return builder.Finish({.first_leaf = first_leaf, .nodes = nodes}, &blocks->emplace_back());
}

}  // namespace

absl::StatusOr<std::vector<std::string>> EncodeRows(std::span<const ledger::EventRecord> rows,
                                                    uint64_t first_leaf) {
  std::vector<std::string> blocks;
  ledger::BlockBuilder builder;
  for (const ledger::EventRecord& row : rows) {
    absl::Status added = builder.Add(row);
    if (absl::IsResourceExhausted(added)) [[unlikely]] {
      TM_RETURN_IF_ERROR(FinishBlock(builder, first_leaf, &blocks));
      added = builder.Add(row);
    }
    TM_RETURN_IF_ERROR(added);
  }
  TM_RETURN_IF_ERROR(FinishBlock(builder, first_leaf, &blocks));
  return blocks;
}

absl::StatusOr<RowBlocks> RowBlocks::Open(std::vector<std::string_view> blocks, size_t max_rows) {
  RowBlocks rows;
  for (const std::string_view bytes : blocks) {
    absl::StatusOr<ledger::BlockReader> reader = ledger::BlockReader::Open(bytes);
    if (!reader.ok()) return BadRows(reader.status().message());
    if (reader->HasUnknownColumns()) return BadRows("columns that this release does not know");
    rows.size_ += reader->size();
    if (rows.size_ > max_rows) return BadRows(absl::StrCat("more than ", max_rows, " rows"));
    rows.readers_.push_back(*std::move(reader));
  }
  if (rows.size_ == 0) return BadRows("no rows");
  return rows;
}

absl::Status RowBlocks::AppendTo(std::vector<ledger::EventRecord>* rows) {
  rows->reserve(rows->size() + size_);
  for (ledger::BlockReader& reader : readers_) {
    for (size_t row = 0; row < reader.size(); ++row) {
      absl::StatusOr<ledger::EventRecord> record = reader.Record(row);
      if (!record.ok()) return BadRows(record.status().message());
      // The log takes rows that were checked.
      if (const absl::Status good = ledger::CheckRecord(*record); !good.ok()) {
        return BadRows(good.message());
      }
      rows->push_back(*record);
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
