// Events on their way into the log, column by column: what a batch holds between its validation and
// its block. About a quarter of the memory of as many EventRecords, and a text that many events
// share is looked up once.
//
//   EventRows rows;                       // reused: keeps its memory
//   rows.Append(records);                 // views are not copied: their memory stays
//   rows.SetPseudonym(3, bytes);
//   EventRecord record = rows.Record(3);  // the same, one event at a time
//   builder.AddRows(rows, accepted, ...); // BlockBuilder
//
// Not thread-safe.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_EVENT_ROWS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_EVENT_ROWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/column_builders.h"
#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/record_texts.h"

namespace tidemark::ledger {

// The links of a record, which EventRows do not keep.
inline EventLinks LinksOf(const EventRecord& record) {
  return {.original_leaf = record.original_leaf,
          .resolves = record.resolves,
          .previous_leaf = record.previous_leaf,
          .transaction_leaf = record.transaction_leaf};
}

class EventRows {
 public:
  // Most records of an Append.
  static constexpr size_t kMostAtOnce = kMostRowsAtOnce;
  // About what a row keeps, beside its texts: numbers of the usual codes, views, integers.
  static constexpr size_t kRowBytes = 256;
  // And a code that no other row of the batch has.
  static constexpr size_t kCodeBytes = 48;

  enum IntegerName : uint8_t { kAmount, kVoucherAmount, kQuantity, kIntegerCount };
  enum SmallName : uint8_t { kKind, kReportingRole, kSegment, kChannel, kAreaType, kSmallCount };

  EventRows() = default;
  EventRows(EventRows&&) = default;
  EventRows& operator=(EventRows&&) = default;

  // At most kMostAtOnce, each taken by CheckRecord(). Not kept: accepted time, principal, links.
  void Append(std::span<const EventRecord> records);
  void Append(const EventRecord& record) { Append(std::span(&record, 1)); }
  // That many rows, of which new ones have no values yet: their columns are then set.
  void Resize(size_t size) { size_ = size; }
  void Clear();

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Of the largest batch since, roughly.
  size_t kept_bytes() const { return kept_rows_ * (kRowBytes + kCodeBytes); }

  // The row as a record; its views are those that were appended.
  EventRecord Record(size_t row) const;
  std::string_view source(size_t row) const { return codes_[kSourceCode].text(row); }
  // Of which every row has one.
  const DictionaryBuilder& sources() const { return codes_[kSourceCode]; }
  std::string_view id(size_t row) const { return own_text(kIdText, row); }
  uint32_t revision(size_t row) const { return ValueAt(revisions_, row); }
  int64_t event_time_us(size_t row) const { return event_times_[row]; }
  std::string_view original_id(size_t row) const { return own_text(kOriginalIdText, row); }
  std::string_view original_source(size_t row) const {
    return codes_[kOriginalSourceCode].text(row);
  }
  std::string_view transaction_id(size_t row) const { return own_text(kTransactionIdText, row); }
  std::string_view transaction_scheme(size_t row) const {
    return codes_[kTransactionSchemeCode].text(row);
  }
  // Any column's value in a row. Texts: data() == nullptr, numbers: 0 where the row has none.
  std::string_view code(size_t i, size_t row) const { return codes_[i].text(row); }
  std::string_view own_text(size_t i, size_t row) const { return ValueAt(own_[i], row); }
  uint8_t small(SmallName name, size_t row) const { return ValueAt(smalls_[name], row); }
  bool has_integer(IntegerName name, size_t row) const {
    return ValueAt(integers_[name].present, row) != 0;
  }
  int64_t integer(IntegerName name, size_t row) const { return integers_[name].values[row]; }
  uint32_t pseudonym_epoch(size_t row) const { return ValueAt(pseudonym_epochs_, row); }
  std::span<const Attribute> attributes(size_t row) const { return ValueAt(attributes_, row); }
  bool has_originals() const { return !own_[kOriginalIdText].empty(); }
  bool has_transactions() const { return !own_[kTransactionIdText].empty(); }

  void SetPseudonym(size_t row, std::string_view bytes) {
    std::vector<std::string_view>& column = own_[kPseudonymText];
    if (column.size() <= row) column.resize(row + 1);
    column[row] = bytes;
  }

  // The columns, for whoever fills or reads a whole one. Vectors may be shorter than size(): the
  // rows behind them do not have the field; integers and times are as long.
  DictionaryBuilder& codes(size_t i) { return codes_[i]; }
  const DictionaryBuilder& codes(size_t i) const { return codes_[i]; }
  std::vector<std::string_view>& own_texts(size_t i) { return own_[i]; }
  const std::vector<std::string_view>& own_texts(size_t i) const { return own_[i]; }
  struct Integers {
    std::vector<int64_t> values;
    std::vector<uint8_t> present;  // 1: there is a value
  };
  Integers& integers(IntegerName name) { return integers_[name]; }
  const Integers& integers(IntegerName name) const { return integers_[name]; }
  std::vector<uint8_t>& smalls(SmallName name) { return smalls_[name]; }
  const std::vector<uint8_t>& smalls(SmallName name) const { return smalls_[name]; }
  std::vector<int64_t>& event_times() { return event_times_; }
  const std::vector<int64_t>& event_times() const { return event_times_; }
  std::vector<uint32_t>& revisions() { return revisions_; }
  const std::vector<uint32_t>& revisions() const { return revisions_; }
  std::vector<uint32_t>& pseudonym_epochs() { return pseudonym_epochs_; }
  const std::vector<uint32_t>& pseudonym_epochs() const { return pseudonym_epochs_; }
  std::vector<std::span<const Attribute>>& attributes() { return attributes_; }
  const std::vector<std::span<const Attribute>>& attributes() const { return attributes_; }

 private:
  static constexpr size_t kSourceCode = 0;
  static constexpr size_t kOriginalSourceCode = 1;
  static constexpr size_t kTransactionSchemeCode = 2;
  static constexpr size_t kIdText = 0;
  static constexpr size_t kOriginalIdText = 1;
  static constexpr size_t kTransactionIdText = 3;
  static constexpr size_t kPseudonymText = 4;

  template <typename T>
  static T ValueAt(const std::vector<T>& column, size_t row) {
    return row < column.size() ? column[row] : T{};
  }
  void AppendTexts(std::span<const EventRecord> records);
  void AppendRest(const EventRecord& record, size_t row);

  size_t size_ = 0;
  size_t kept_rows_ = 0;
  std::array<DictionaryBuilder, kCodeTextCount> codes_;
  std::array<std::vector<std::string_view>, kOwnTextCount> own_;
  std::array<Integers, kIntegerCount> integers_;
  std::array<std::vector<uint8_t>, kSmallCount> smalls_;
  std::vector<int64_t> event_times_;
  std::vector<uint32_t> revisions_;
  std::vector<uint32_t> pseudonym_epochs_;
  std::vector<std::span<const Attribute>> attributes_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_EVENT_ROWS_H_
