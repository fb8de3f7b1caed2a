// Private to BlockBuilder: the columns of a block while its records come in.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_COLUMNS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/ledger/arena.h"
#include "clients/cpp/ledger/body_writer.h"
#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/column_builders.h"
#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// Builders are addressed by column number; of the four arrays each column uses one.
class BlockColumns {
 public:
  BlockColumns();
  BlockColumns(const BlockColumns&) = delete;
  BlockColumns& operator=(const BlockColumns&) = delete;

  uint32_t rows() const { return rows_; }
  size_t raw_bytes() const { return raw_bytes_; }

  // Upper bounds of what is added to the body.
  static size_t BytesOf(const EventRows& rows);
  static size_t BytesOf(const ControlRecord& record);
  // RESOURCE_EXHAUSTED: the block is full.
  absl::Status Room(size_t more, size_t bytes) const;

  // There is room. See BlockBuilder::AddRows; codes are copied anyway, once each.
  enum class Texts { kCopied, kStay };
  void AddRows(const EventRows& rows, std::span<const uint32_t> selected,
               std::span<const LinkedRow> links, std::string_view principal, Texts texts,
               size_t bytes);
  void AddControl(const ControlRecord& record);

  // INVALID_ARGUMENT: a link does not point below its own leaf.
  absl::Status CheckLinks(uint64_t first_leaf);
  void WriteColumn(Column column, uint64_t first_leaf, BodyWriter* writer);
  void Clear();

 private:
  static size_t Number(Column column) { return static_cast<size_t>(column); }
  std::string_view Copy(std::string_view text);
  void AddTextRows(const EventRows& rows, std::span<const uint32_t> selected, Texts texts);
  void AddNumberRows(const EventRows& rows, std::span<const uint32_t> selected);
  void AddAttributes(std::span<const Attribute> attributes, uint32_t row);
  void AddLinks(const EventLinks& links, uint32_t row);

  uint32_t rows_ = 0;
  size_t raw_bytes_ = 0;
  uint32_t controls_ = 0;
  Arena arena_;  // of texts that are copied
  DictionaryBuilder dictionaries_[kColumnCount];
  PlainTextBuilder texts_[kColumnCount];
  IntegerBuilder integers_[kColumnCount];
  SmallBuilder smalls_[kColumnCount];
  bool is_dictionary_[kColumnCount] = {};
  std::vector<std::pair<uint32_t, uint64_t>> last_resolved_;  // row and its last leaf
  std::string scratch_;
  IntegerBuilder distances_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BLOCK_COLUMNS_H_
