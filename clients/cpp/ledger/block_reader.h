// Reads one block (docs/formats/block.md), by columns or by rows.
//
//   TM_ASSIGN_OR_RETURN(BlockReader reader, BlockReader::Open(bytes));
//   TM_ASSIGN_OR_RETURN(TextColumn category, reader.Text(Column::kCategory));
//   TM_ASSIGN_OR_RETURN(IntegerColumn amount, reader.Integers(Column::kAmount));
//   for (size_t row = 0; row < reader.size(); ++row) Add(category[row], amount.values[row]);
//
// Only columns asked for are unpacked. Every call may be repeated; the second is free. Columns that
// the block does not have are given as all absent.
//
// Not thread-safe (columns are unpacked on demand); one reader per thread. All views point into the
// reader or into `bytes`, which must outlive them; moving a reader keeps its views valid, Reset()
// ends them. Never reads outside `bytes`; allocates at most about 350 bytes a row and 16 bytes for
// each unpacked one, both as the checked header says and limits them.
// Errors: DATA_LOSS for damaged or malformed bytes, UNIMPLEMENTED for a later format or for an
// encoding of this column that is not known, INVALID_ARGUMENT when a column is read as another
// type.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_READER_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// What a text of Column::kResolves says; `leaves` is replaced. DATA_LOSS: it is no leaf list.
absl::Status DecodeLeafList(std::string_view text, std::vector<uint64_t>* leaves);

class BlockReader {
 public:
  // Checks both checksums and the layout of the body. `bytes` is exactly one block.
  static absl::StatusOr<BlockReader> Open(std::string_view bytes);
  // An empty reader; Reset() it before use.
  BlockReader();
  ~BlockReader();
  BlockReader(BlockReader&&) noexcept;
  BlockReader& operator=(BlockReader&&) noexcept;

  // Reads another block with the memory of the last one: cheaper than a new reader. After an error
  // the reader is empty.
  absl::Status Reset(std::string_view bytes);

  const BlockHeader& header() const;
  size_t size() const { return header().record_count; }
  // False when the block does not have the column: every row is absent.
  bool Has(Column column) const;

  // True when the block has columns this program does not know. They are skipped; but leaves cannot
  // be derived then, because they may be part of them.
  bool HasUnknownColumns() const;

  // Columns.
  absl::StatusOr<TextColumn> Text(Column column);
  absl::StatusOr<IntegerColumn> Integers(Column column);
  absl::StatusOr<LinkColumn> Links(Column column);
  absl::StatusOr<SmallColumn> Small(Column column);
  absl::StatusOr<Fixed16Column> Fixed16(Column column);

  // Rows. The first call unpacks every column. INVALID_ARGUMENT when `row` is outside the block or
  // not of that kind. Kind of a row; a number that RecordKind may not know.
  absl::StatusOr<uint8_t> Kind(size_t row);
  absl::StatusOr<EventRecord> Record(size_t row);
  absl::StatusOr<ControlRecord> Control(size_t row);

 private:
  struct Impl;
  absl::Status LoadRows();
  absl::Status CheckRow(size_t row, bool event);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_READER_H_
