// Private to BlockReader: takes the body of a block apart and unpacks columns
// (docs/formats/block.md).
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BODY_READER_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BODY_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/arena.h"
#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/column_codec.h"

struct ZSTD_DCtx_s;

namespace tidemark::ledger {

class BodyReader {
 public:
  BodyReader();
  ~BodyReader();
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // Reads the directory; ends all views given out before. `body` has the right checksum, which does
  // not mean that it makes sense.
  absl::Status Open(std::string_view body, uint32_t rows, uint32_t raw_bytes);

  // Back to a body of no rows and no columns.
  void Close();

  bool Has(Column column) const { return columns_[static_cast<size_t>(column)].present; }
  bool has_unknown_columns() const { return has_unknown_columns_; }

  // Each unpacks the column again: BlockReader remembers the results. The column is of the type
  // asked for.
  absl::StatusOr<TextColumn> Text(Column column);
  absl::StatusOr<IntegerColumn> Integers(Column column);
  absl::StatusOr<LinkColumn> Links(Column column, uint64_t first_leaf);
  absl::StatusOr<SmallColumn> Small(Column column);
  absl::StatusOr<Fixed16Column> Fixed16(Column column);

  Arena& arena() { return arena_; }

 private:
  struct Stream {
    std::string_view stored;
    uint32_t raw;
    bool packed;
  };
  struct Entry {
    bool present = false;
    uint8_t encoding = 0;
    std::string_view parameters;
    size_t first_stream = 0;
    size_t stream_count = 0;
  };
  // The rows that have a value, by the flag at the front of the parameters.
  struct Rows {
    Presence presence;
    size_t count;
  };

  absl::Status ReadDirectory(std::string_view* body, uint32_t raw_bytes);
  absl::Status ReadColumn(std::string_view* body, uint64_t* last_id, uint64_t* raw_bytes);
  // Stream number `i` of the column, unpacked.
  absl::StatusOr<std::string_view> Unpack(Column column, size_t i);
  absl::StatusOr<Rows> ReadRows(Column column, std::string_view* parameters, size_t* next_stream);
  absl::StatusOr<std::span<const uint64_t>> Planes(Column column, size_t first, size_t width,
                                                   size_t count);

  std::span<const uint32_t> Filled(uint32_t value);
  std::span<const uint32_t> Sequence(const Rows& rows);
  absl::StatusOr<std::span<const uint32_t>> Index(Column column, size_t width, uint64_t entries);
  absl::StatusOr<TextColumn> Dictionary(Column column);
  absl::StatusOr<TextColumn> Plain(Column column);
  absl::StatusOr<TextColumn> Hex(Column column, bool uuid);
  absl::StatusOr<Fixed16Column> FixedDictionary(Column column);

  absl::Status Damaged(Column column, std::string_view what) const;
  absl::Status UnknownEncoding(Column column) const;
  const Entry& entry(Column column) const { return columns_[static_cast<size_t>(column)]; }
  Encoding encoding(Column column) const { return static_cast<Encoding>(entry(column).encoding); }

  std::unique_ptr<ZSTD_DCtx_s, size_t (*)(ZSTD_DCtx_s*)> zstd_;
  uint32_t rows_ = 0;
  bool has_unknown_columns_ = false;
  Entry columns_[kColumnCount];
  std::vector<Stream> streams_;
  Arena arena_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BODY_READER_H_
