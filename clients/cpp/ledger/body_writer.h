// Private to BlockBuilder: writes columns into the body of a block, choosing an encoding for each
// (docs/formats/block.md).
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BODY_WRITER_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BODY_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/column_builders.h"
#include "clients/cpp/ledger/column_codec.h"
#include "clients/cpp/ledger/stream_packer.h"

namespace tidemark::ledger {

class BodyWriter {
 public:
  BodyWriter() = default;
  BodyWriter(const BodyWriter&) = delete;
  BodyWriter& operator=(const BodyWriter&) = delete;

  // A new body of `rows` rows.
  void Start(uint32_t rows);

  // Columns in ascending order. A column that is empty is left out.
  void Dictionary(Column column, DictionaryBuilder& values);
  void Plain(Column column, PlainTextBuilder& values);
  void Integers(Column column, IntegerBuilder& values);
  void Small(Column column, SmallBuilder& values);
  void Fixed16(Column column, PlainTextBuilder& values);

  // Appends the body to `out`; returns the bytes of its streams before packing.
  uint32_t Finish(std::string* out);

 private:
  struct Stream {
    size_t raw;
    size_t stored;
    bool packed;
  };

  void Begin(Column column, Encoding encoding);
  // One stream.
  void Add(std::string_view bytes);
  void AddPlain(std::string_view bytes);
  void End();
  void Constant(Column column, std::string_view value);
  void Index(std::span<const uint32_t> index, size_t width);
  void Texts(Column column, std::span<const std::string_view> rows);
  bool AsHex(std::span<const std::string_view> rows, size_t size, bool uuid);
  void PlainTexts(Column column, std::span<const std::string_view> rows, size_t present,
                  bool one_size);
  void Presence(std::span<const std::string_view> rows);
  void Planes(std::span<const uint64_t> values, size_t width);

  StreamPacker packer_;
  uint32_t rows_ = 0;
  size_t columns_ = 0;
  size_t raw_bytes_ = 0;
  std::string directory_;
  std::string streams_;
  // The column being written.
  std::string parameters_;
  std::vector<Stream> column_streams_;
  Column column_ = Column::kRecordKind;
  Encoding encoding_ = Encoding::kConstant;
  // Scratch.
  std::string hex_;
  std::vector<uint64_t> deltas_;
  std::vector<std::string_view> texts_;
  DictionaryBuilder fixed_dictionary_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BODY_WRITER_H_
