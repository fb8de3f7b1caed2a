#include "services/ingest/domain/row_blocks.h"

#include <algorithm>
#include <numeric>
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

absl::StatusOr<std::vector<std::string>> EncodeRows(const ledger::EventRows& rows) {
  std::vector<std::string> blocks;
  ledger::BlockBuilder builder;
  std::vector<uint32_t> numbers(rows.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  std::span<const uint32_t> left = numbers;
  size_t count = left.size();
  while (!left.empty()) {
    const absl::Status added = builder.AddRows(rows, left.first(count), {}, {});
    if (absl::IsResourceExhausted(added) && count > ledger::BlockBuilder::kMostRowsThatFit) {
      count = ledger::BlockBuilder::kMostRowsThatFit;
      continue;
    }
    TM_RETURN_IF_ERROR(added);
    TM_RETURN_IF_ERROR(FinishBlock(builder, kUnlinkedLeaf, &blocks));
    left = left.subspan(count);
    count = std::min(count, left.size());
  }
  return blocks;
}

absl::StatusOr<std::string> EncodeRecord(const ledger::EventRecord& record) {
  std::vector<std::string> blocks;
  ledger::BlockBuilder builder;
  TM_RETURN_IF_ERROR(builder.Add(record));
  TM_RETURN_IF_ERROR(FinishBlock(builder, kLinkedLeaf, &blocks));
  return std::move(blocks.front());
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

absl::Status RowBlocks::ForEach(absl::FunctionRef<void(const ledger::EventRecord&)> take) {
  for (ledger::BlockReader& reader : readers_) {
    for (size_t row = 0; row < reader.size(); ++row) {
      const absl::StatusOr<ledger::EventRecord> record = reader.Record(row);
      if (!record.ok()) return BadRows(record.status().message());
      // The log takes rows that were checked.
      if (const absl::Status good = ledger::CheckRecord(*record); !good.ok()) {
        return BadRows(good.message());
      }
      take(*record);
    }
  }
  return absl::OkStatus();
}

absl::Status RowBlocks::AppendTo(ledger::EventRows* rows) {
  std::vector<ledger::EventRecord> some;
  some.reserve(ledger::EventRows::kMostAtOnce);
  TM_RETURN_IF_ERROR(ForEach([&](const ledger::EventRecord& record) {
    some.push_back(record);
    if (some.size() < ledger::EventRows::kMostAtOnce) return;
    rows->Append(some);
    some.clear();
  }));
  rows->Append(some);
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
