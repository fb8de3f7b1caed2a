// The columns of a block: ids, their types, and what a reader gets (docs/formats/block.md).
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tidemark::ledger {

// Numbers are stored. A new column takes the next number; a reader skips columns it does not know.
enum class Column : uint8_t {
  kRecordKind = 1,  // small; RecordKind, 1 (EVENT) in every row when the column is left out
  kSource = 2,
  kId = 3,
  kRevision = 4,
  kKind = 5,  // small; 0 in rows that are not events
  kEventTime = 6,
  kOriginalSource = 7,
  kOriginalId = 8,
  kOrder = 9,
  kTransactionScheme = 10,
  kTransactionId = 11,
  kReportingRole = 12,  // small
  kConsumerScheme = 13,
  kPseudonym = 14,  // fixed 16
  kPseudonymEpoch = 15,
  kConsumerRegion = 16,
  kProviderRegion = 17,
  kPlaceOfUse = 18,
  kCategory = 19,
  kProduct = 20,
  kProvider = 21,
  kSegment = 22,  // small
  kChannel = 23,  // small
  kPaymentMethod = 24,
  kAgeBand = 25,
  kAreaType = 26,  // small
  kIncomeBand = 27,
  kScenario = 28,
  kProject = 29,
  kActivity = 30,
  kAmount = 31,
  kVoucherAmount = 32,
  kQuantity = 33,
  kAttributes = 34,  // text: the attribute list as in the private part (leaf.md)
  kPrincipal = 35,
  kOriginalLeaf = 36,     // link
  kResolves = 37,         // text: the leaf list as in the leaf
  kPreviousLeaf = 38,     // link
  kTransactionLeaf = 39,  // link
  kCommitment = 40,       // text of 32 bytes, only in rows whose private part was erased
  kControl = 41,          // text: the body of a record that is not an event
};
inline constexpr size_t kColumnCount = 42;  // one more than the highest number

// What values a column holds, and by which call of BlockReader it is read.
enum class ColumnType : uint8_t {
  kText,     // Text()
  kInteger,  // Integers()
  kLink,     // Links()
  kSmall,    // Small()
  kFixed16,  // Fixed16()
};
ColumnType TypeOf(Column column);
// Lower-case name for messages: "consumer_region".
std::string_view NameOf(Column column);

// One bit per row, lowest first; empty means that every row is present.
struct Presence {
  std::span<const uint8_t> bits;
  bool operator[](size_t row) const {
    return bits.empty() || ((bits[row >> 3] >> (row & 7)) & 1) != 0;
  }
  bool all() const { return bits.empty(); }
};

// entries[index[row]] is the row's text. entries[0] is the absent text (data() == nullptr), so
// index 0 = absent. Entries repeat only where the block did not store the column as a dictionary
// (ids, mostly distinct texts).
struct TextColumn {
  std::span<const std::string_view> entries;
  std::span<const uint32_t> index;  // one per row
  // True when every row has entries[1], or (entries.size() == 1) every row is absent.
  bool constant = false;
  std::string_view operator[](size_t row) const { return entries[index[row]]; }
};

// 0 where absent.
struct IntegerColumn {
  std::span<const int64_t> values;  // one per row
  Presence presence;
};

// kNoLeaf where absent, kWaitingLeaf for a waiting refund, else a leaf index.
struct LinkColumn {
  std::span<const uint64_t> leaves;  // one per row
  bool absent = false;               // true when every row is kNoLeaf
};

// Enum numbers, 0 where absent.
struct SmallColumn {
  std::span<const uint8_t> values;  // one per row
};

// 16 bytes a value. index[row] is 0 where absent, else 1 + the value's position, so that equal
// values of one dictionary are looked up once; use data() for the bytes of a row's value.
struct Fixed16Column {
  std::string_view values;          // 16 bytes each
  std::span<const uint32_t> index;  // one per row
  bool absent = false;              // true when every row is absent
  // nullptr where absent.
  const char* data(size_t row) const {
    return index[row] == 0 ? nullptr : values.data() + 16 * size_t{index[row] - 1};
  }
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_H_
