// Builds one block from records (docs/formats/block.md).
//
//   BlockBuilder builder;                                  // reused: keeps its memory
//   for (...) TM_RETURN_IF_ERROR(builder.Add(record));
//   TM_RETURN_IF_ERROR(builder.Finish({.first_leaf = n, .accepted_time_us = t, .log_id = id, .nodes
//   = range.nodes()}, &block));
//
// The header says that the block is a write of its own; whoever writes several at once says so with
// HeaderInWrite() (block_header.h).
//
// The same records and options give the same bytes with the same zstd library; readers must not
// rely on it. Not thread-safe. Views of a record are copied by Add().
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_BUILDER_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

class BlockBuilder {
 public:
  // Most rows of AddRows that always fit into an empty block, each with the longest texts.
  static constexpr size_t kMostRowsThatFit = 8192;
  static constexpr size_t kMostRowBytes = 8192;

  struct FinishOptions {
    uint64_t first_leaf = 0;
    int64_t accepted_time_us = 0;
    LogId log_id = {};
    std::span<const Hash>
        nodes;  // CompactRange(first_leaf) after Append of the records' leaf hashes
  };

  BlockBuilder();
  ~BlockBuilder();
  BlockBuilder(BlockBuilder&&) noexcept;
  BlockBuilder& operator=(BlockBuilder&&) noexcept;

  // INVALID_ARGUMENT naming the field when the record cannot be stored; RESOURCE_EXHAUSTED when the
  // block is full (records or bytes): Finish() it and start another. Nothing is added then.
  absl::Status Add(const EventRecord& record);
  // The rows `selected` of `rows`, ascending, with what the log knows of them: `links` by ascending
  // row, of any rows, and who sent them. The memory of `rows` and of its texts must stay until
  // Finish() or Clear(). RESOURCE_EXHAUSTED, and nothing is added, when they do not all fit.
  absl::Status AddRows(const EventRows& rows, std::span<const uint32_t> selected,
                       std::span<const LinkedRow> links, std::string_view principal);
  absl::Status AddCatalogMark(const CatalogMark& mark);
  absl::Status AddSourceDay(const SourceDay& day);
  absl::Status AddErasure(const Erasure& erasure);
  // Any kind but EVENT, with a body as stored; used to copy records.
  absl::Status AddControl(const ControlRecord& record);

  size_t size() const;
  // Upper bound of the bytes of the body so far, unpacked.
  size_t raw_bytes() const;

  // Replaces `block` by the block's bytes and empties the builder. INVALID_ARGUMENT when there are
  // no records, the number of nodes is not that of the range, or a link does not point below its
  // own leaf; the builder is then unchanged.
  absl::Status Finish(const FinishOptions& options, std::string* block);
  // Forgets the records and keeps the memory.
  void Clear();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_BUILDER_H_
