#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_ROW_BLOCKS_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_ROW_BLOCKS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/block_reader.h"
#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ingest {

// Events on their way between a front and the owner of the log: as blocks of the ledger
// (docs/formats/block.md) that stand alone, with neither a log nor tree nodes.

// First leaf of such blocks, so that links of events that are in a log point below it. Events on
// their way into the log have none.
inline constexpr uint64_t kUnlinkedLeaf = 0;
inline constexpr uint64_t kLinkedLeaf = ledger::kMaxLeaf / 2;

// As many blocks as the rows, which were checked and are at least one, need; from kUnlinkedLeaf on.
absl::StatusOr<std::vector<std::string>> EncodeRows(const ledger::EventRows& rows);
// A block of one record with its links, at kLinkedLeaf. INVALID_ARGUMENT: it cannot be stored.
absl::StatusOr<std::string> EncodeRecord(const ledger::EventRecord& record);

// The rows of such blocks. Not thread-safe.
class RowBlocks {
 public:
  // The bytes of `blocks` must outlive this, which must outlive the rows. INVALID_ARGUMENT
  // (BAD_ROWS) when the bytes are no such blocks, or hold more than `max_rows`.
  static absl::StatusOr<RowBlocks> Open(std::vector<std::string_view> blocks, size_t max_rows);

  size_t size() const { return size_; }
  // Gives all rows in order. INVALID_ARGUMENT (BAD_ROWS), as Open.
  absl::Status ForEach(absl::FunctionRef<void(const ledger::EventRecord&)> take);
  // Appends all rows. INVALID_ARGUMENT (BAD_ROWS), as Open.
  absl::Status AppendTo(ledger::EventRows* rows);
  std::vector<ledger::BlockReader>& readers() { return readers_; }

 private:
  std::vector<ledger::BlockReader> readers_;
  size_t size_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_ROW_BLOCKS_H_
