// The records of the ledger in memory: plain values and views into memory of the caller. The bytes
// made of them are described in docs/formats/leaf.md and docs/formats/block.md.
//
// Absent is not empty. In every record
//   text        std::string_view; absent when data() == nullptr, empty when data() != nullptr and
//   size() == 0 integers    std::optional enums       0 (kUnspecified) is absent leaf links kNoLeaf
//   is absent
// `Absent(text)` tells the two kinds of "no text" apart; `std::string_view()` is absent, `""` is
// empty.
//
// Thread safety: plain values. Lifetime: a record is valid as long as the memory its views point
// to.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_RECORD_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::ledger {

// SHA-256 output: leaf hashes, tree nodes, roots.
using Hash = std::array<uint8_t, 32>;
// The name of a log, 16 random bytes; shown as 32 lower-case hexadecimal digits.
using LogId = std::array<uint8_t, 16>;

// Kinds of leaves. Values are stored; a reader carries kinds it does not know unread (leaf.md,
// "Other kinds").
enum class RecordKind : uint8_t { kEvent = 1, kCatalogMark = 2, kSourceDay = 3, kErasure = 4 };

// The numbers of the public enums (tidemark.ingest.v1), repeated here because they are stored.
enum class EventKind : uint8_t {
  kUnspecified = 0,
  kPurchase = 1,
  kRefund = 2,
  kServiceUse = 3,
  kVoid = 4,
};
enum class ReportingRole : uint8_t {
  kUnspecified = 0,
  kSellerPlatform = 1,
  kPayment = 2,
  kLogistics = 3,
  kDepartment = 4,
};
enum class Segment : uint8_t { kUnspecified = 0, kPersons = 1, kEnterprises = 2, kPublic = 3 };
enum class Channel : uint8_t { kUnspecified = 0, kOnline = 1, kOffline = 2, kHybrid = 3 };
enum class AreaType : uint8_t { kUnspecified = 0, kUrban = 1, kRural = 2 };

// Values of a leaf link that are not leaf indexes. Real indexes are below kMaxLeaf.
inline constexpr uint64_t kNoLeaf = UINT64_MAX;           // absent
inline constexpr uint64_t kWaitingLeaf = UINT64_MAX - 1;  // the original is not in the log yet
inline constexpr uint64_t kMaxLeaf = uint64_t{1} << 56;

// Limits of the format. Ingest may set lower ones, never higher.
inline constexpr size_t kMaxIdentityBytes = 128;  // source, id
inline constexpr size_t kMaxTextBytes =
    255;  // every other public text; so a leaf of an event never exceeds the next limit
inline constexpr size_t kMaxLeafBytes = 16 * 1024;
inline constexpr size_t kMaxAttributes = 16;
inline constexpr size_t kMaxAttributeBytes = 1024;  // keys and values together
// A 1025th refund that waits for the same original has to be refused: its original's leaf could not
// name it.
inline constexpr size_t kMaxResolves = 1024;
inline constexpr size_t kPseudonymBytes = 16;
inline constexpr size_t kCommitmentBytes = 32;

constexpr bool Absent(std::string_view text) { return text.data() == nullptr; }

struct Attribute {
  std::string_view key;
  std::string_view value;
  bool operator==(const Attribute&) const = default;
};

// One event. The fields come in the frozen order of the leaf.
struct EventRecord {
  // What the producer sent. Required: source, id, kind, event_time_us.
  std::string_view source;
  std::string_view id;
  uint32_t revision = 0;
  EventKind kind = EventKind::kUnspecified;
  int64_t event_time_us = 0;         // microseconds since 1970-01-01T00:00:00Z
  std::string_view original_source;  // both or neither; ingest fills in the event's own source
  std::string_view original_id;
  std::string_view order;
  std::string_view transaction_scheme;  // both or neither
  std::string_view transaction_id;
  ReportingRole reporting_role = ReportingRole::kUnspecified;
  std::string_view consumer_scheme;  // public
  std::string_view pseudonym;        // private; absent or exactly 16 bytes
  uint32_t pseudonym_epoch =
      0;  // private; number of the pseudonym key used; 0 when there is no pseudonym
  std::string_view consumer_region;
  std::string_view provider_region;
  std::string_view place_of_use;
  std::string_view category;
  std::string_view product;
  std::string_view provider;
  Segment segment = Segment::kUnspecified;
  Channel channel = Channel::kUnspecified;
  std::string_view payment_method;
  std::string_view age_band;
  AreaType area_type = AreaType::kUnspecified;
  std::string_view income_band;
  std::string_view scenario;
  std::string_view project;
  std::string_view activity;
  std::optional<int64_t> amount;          // observatory's scale; absent for SERVICE_USE and VOID
  std::optional<int64_t> voucher_amount;  // observatory's scale
  std::optional<int64_t> quantity;
  std::span<const Attribute> attributes;  // private; strictly ascending by key (bytewise)

  // Set instead of deriving it when the private part was erased: the 32-byte commitment that the
  // leaf holds. The pseudonym is then the random group id of the ERASURE record, and the attributes
  // are gone.
  std::string_view commitment;

  // What ingest adds.
  int64_t accepted_time_us =
      0;  // one per block: BlockBuilder takes it in Finish() and ignores this one
  std::string_view principal;        // who sent it
  uint64_t original_leaf = kNoLeaf;  // a linked refund's original, or kWaitingLeaf
  std::span<const uint64_t>
      resolves;  // leaves of waiting refunds that this original resolves; strictly ascending
  uint64_t previous_leaf = kNoLeaf;     // the revision this one replaces
  uint64_t transaction_leaf = kNoLeaf;  // first record of the same transaction
};

// What the log adds to an event that names others; as in EventRecord.
struct EventLinks {
  uint64_t original_leaf = kNoLeaf;
  std::span<const uint64_t> resolves;
  uint64_t previous_leaf = kNoLeaf;
  uint64_t transaction_leaf = kNoLeaf;
};
// The links of one row of several.
struct LinkedRow {
  uint32_t row = 0;
  EventLinks links;
};

// The catalog view by which all later events are judged.
struct CatalogMark {
  uint64_t version = 0;
  Hash hash = {};
  bool operator==(const CatalogMark&) const = default;
};

// What a source says it sent for one day (control totals).
struct SourceDay {
  std::string_view source;
  int32_t day = 0;  // civil day in the observatory's zone, as days since 1970-01-01
  uint64_t events = 0;
  int64_t gross = 0;    // observatory's scale
  int64_t refunds = 0;  // observatory's scale
  std::string_view principal;
  bool operator==(const SourceDay&) const = default;
};

// Leaves [begin, end).
struct LeafRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool operator==(const LeafRange&) const = default;
};

// The private parts of `leaves` are gone; their rows now carry `group_id` as pseudonym, so that
// counts stay.
struct Erasure {
  std::span<const LeafRange> leaves;  // not empty, ascending, neither empty nor touching
  std::array<uint8_t, 16> group_id = {};
  std::string_view principal;
};

inline constexpr size_t kMaxControlBytes = kMaxLeafBytes - 16;

// A record of any kind but EVENT as stored: the kind's number, known or not, and its body
// (leaf.md). control.h reads it.
struct ControlRecord {
  uint8_t kind = 0;
  std::string_view body;
};

// OK when the record can be stored: INVALID_ARGUMENT naming the field otherwise. This is the
// format's view (lengths, pairs of fields, order of lists); whether codes exist and amounts make
// sense is for ingest to say.
absl::Status CheckRecord(const EventRecord& record);
// As above, for a record of another kind.
absl::Status CheckRecord(const ControlRecord& record);

// Duplicate detection. Name of the first producer field in which the two differ, empty when they
// are the same content. Not compared: accepted time, principal, links; the pseudonym when the key
// epochs differ (it cannot be compared then); pseudonym and attributes when one of them was erased.
std::string_view FirstDifference(const EventRecord& a, const EventRecord& b);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_RECORD_H_
