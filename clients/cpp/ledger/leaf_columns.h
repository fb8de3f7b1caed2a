// Private to RowLeaves: the leaves of some rows of a batch (docs/formats/leaf.md, "Events"),
// written column by column, so that a text of many rows is prepared once and no row asks what kind
// of field comes next. They are those that PutEventLeaf (leaf_wire.h) writes of the rows' records.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_COLUMNS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_COLUMNS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/leaf_writer.h"
#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/record_texts.h"
#include "clients/cpp/ledger/row_leaf_options.h"
#include "clients/cpp/ledger/sha256.h"

namespace tidemark::ledger {

// Thread-compatible; keeps its memory.
class LeafColumns {
 public:
  // Rows whose bytes stay in the nearest cache between being written and being hashed.
  static constexpr size_t kMostRows = 64;

  // What follows is of `rows` and `options`, which stay, and of `selected` rows in all.
  void Start(const EventRows& rows, size_t selected, const RowLeafOptions& options);
  // The leaves of `rows`, at most kMostRows, ascending and behind those of the last call; each with
  // the byte before it that RFC 6962 hashes with a leaf. Valid until the next call.
  std::span<const PaddableMessage> Write(std::span<const uint32_t> rows);

 private:
  // A text as leaves have it, its size before it, to be copied whatever its size is.
  struct alignas(32) ShortText {
    char bytes[31];
    // Of `bytes`; 0: absent, kLong: they do not hold it.
    uint8_t size;
  };
  static constexpr uint8_t kLong = 0xFF;

  void Prepare(const DictionaryBuilder& column, std::vector<ShortText>* texts);
  void FindLinks();
  // Of the longest leaf of the rows, with what is written around it.
  size_t Stride() const;
  std::string_view CommitmentOf(uint32_t row) const;

  // Append a field to the leaf of every row.
  void PutCodes(size_t place, uint64_t bit);
  void PutOwnTexts(size_t place, uint64_t bit);
  void PutSmalls(EventRows::SmallName name, uint64_t bit);
  void PutIntegers(EventRows::IntegerName name, uint64_t bit);
  void PutRevisions();
  void PutTimes();
  void PutField(const LeafField& field);
  void PutEnds();
  // Put what comes before the fields, which is known last.
  void PutBegins();

  const EventRows* batch_ = nullptr;
  RowLeafOptions options_;
  std::span<const LinkedRow> links_;  // of rows to come
  char head_[16];                     // at its end what all leaves begin with
  size_t head_size_ = 0;
  size_t code_bytes_ = 0;  // of the longest codes together
  std::array<std::vector<ShortText>, kCodeTextCount> short_texts_;

  std::span<const uint32_t> rows_;
  std::vector<std::pair<size_t, const EventLinks*>> linked_;  // places in rows_
  std::array<uint64_t, kMostRows> bits_;
  std::array<char*, kMostRows> ends_;
  size_t stride_ = 0;
  std::vector<char> bytes_;
  std::array<PaddableMessage, kMostRows> leaves_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_COLUMNS_H_
