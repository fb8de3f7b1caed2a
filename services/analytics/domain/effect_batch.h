// EffectBatch: what one block of the log adds to statistics, by columns.
//
// An effect is one signed row: + counts an event, - takes back what an earlier + counted. A -
// effect repeats every column of the + effect that it takes back, at its own effective index.
//
// Every event makes one *own* effect at its own index, of whatever kind it is when it arrives; but
// a VOID makes none. What later records change about it are *copies* at their index: rows that
// repeat an own effect, with another kind, sign or period.
#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_EFFECT_BATCH_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_EFFECT_BATCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// What kind of event an effect counts. Numbers are stored in run files (docs/formats/run.md).
enum class EffectKind : uint8_t {
  kPurchase = 0,
  kRefund = 1,          // names its original, and counts
  kUnlinkedRefund = 2,  // names none
  kServiceUse = 3,
  kPendingRefund = 4,  // names an original that is not in the log
  kVoidRefund = 5,     // would give back more than its original took
  // A refund that counts, in the period of its original.
  kCohortRefund = 6,
  // Counts for nothing: there is a higher revision of it, or another source's event of its
  // transaction counts.
  kUncounted = 7,
};
inline constexpr int kEffectKindCount = 8;

// A set of effect kinds.
class EffectKinds {
 public:
  constexpr EffectKinds(std::initializer_list<EffectKind> kinds) {
    for (EffectKind kind : kinds) bits_ |= 1u << static_cast<int>(kind);
  }
  constexpr bool Has(EffectKind kind) const { return (bits_ >> static_cast<int>(kind) & 1) != 0; }

 private:
  uint32_t bits_ = 0;
};
// Has a consumer: kConsumers counts whose effects are of these kinds.
inline constexpr EffectKinds kConsumptions = {EffectKind::kPurchase, EffectKind::kServiceUse};
// Counts as an event.
inline constexpr EffectKinds kEvents = {EffectKind::kPurchase, EffectKind::kRefund,
                                        EffectKind::kUnlinkedRefund, EffectKind::kServiceUse};
// Makes a cell of an answer: these are events that somebody asks for, though not all count.
inline constexpr EffectKinds kShown = {EffectKind::kPurchase,       EffectKind::kRefund,
                                       EffectKind::kUnlinkedRefund, EffectKind::kServiceUse,
                                       EffectKind::kPendingRefund,  EffectKind::kVoidRefund};

// The text of an effect kind in Field::kKind: all refunds are "refund". What is uncounted has the
// text of a purchase, which nobody sees.
constexpr std::string_view KindText(EffectKind kind) {
  switch (kind) {
    case EffectKind::kPurchase:
    case EffectKind::kUncounted:
      return "purchase";
    case EffectKind::kServiceUse:
      return "service_use";
    case EffectKind::kCohortRefund:
    case EffectKind::kPendingRefund:
    case EffectKind::kRefund:
    case EffectKind::kUnlinkedRefund:
    case EffectKind::kVoidRefund:
      break;
  }
  return "refund";
}

// entries[index[row]] is the row's text; entries[0] stands for absent, whatever it holds. Entries
// may repeat. Without entries every row is absent.
struct TextColumn {
  std::span<const std::string_view> entries;
  std::span<const uint32_t> index;  // one per row
  bool constant = false;            // a promise: every row has the index of row 0
};

// An effect made of other effects' columns.
struct EffectCopy {
  // Index at which it takes effect; never descending within a batch.
  uint64_t effective = 0;
  EffectKind kind = EffectKind::kPurchase;
  bool negative = false;
  // True: it is the own effect of the event at `effective`, whose time and amounts are given below.
  // No plain row has that index then.
  bool own = false;
  // The event whose time, amount, voucher amount and quantity it has; an own effect's are in
  // `facts`.
  uint64_t event_leaf = 0;
  // The event whose fields, order and consumer it has; may be `event_leaf`.
  uint64_t fields_leaf = 0;
  // Its period is that of `fields_leaf`.
  bool time_of_fields = false;

  struct Facts {
    int64_t event_time_us = 0;
    int64_t amount = 0;
    int64_t voucher = 0;
    int64_t quantity = 0;
  };
  Facts facts;
};

// Plain views; whoever fills the batch keeps what they point to alive. An empty span of a per-row
// column means the value given beside it in every row.
struct EffectBatch {
  // The block.
  std::string log_id;  // 32 lower-case hexadecimal digits
  uint64_t first_leaf = 0;
  uint32_t record_count = 0;
  int64_t accepted_time_us = 0;
  struct Mark {
    uint64_t leaf = 0;
    uint64_t version = 0;
    CatalogHash hash = {};
  };
  std::vector<Mark> catalog_marks;  // ascending by leaf

  // What the fold wants to read again after a restart (link_notes.h); kept with the effects.
  std::string_view notes;

  // Effects that repeat others, by ascending effective index. One comes behind the row that has its
  // index, and may repeat what precedes it in the batch.
  std::span<const EffectCopy> copies;

  // Its other effects, each the own one of an event; at most one block's worth of rows.
  size_t size = 0;
  std::span<const uint64_t>
      effective_index;               // never descending, within the block; empty: first_leaf + row
  std::span<const EffectKind> kind;  // never empty
  std::span<const int64_t> event_time_us;      // never empty
  std::span<const int64_t> amount;             // 0 where absent; empty: 0
  std::span<const int64_t> voucher;            // 0 where absent; empty: 0
  std::span<const int64_t> quantity;           // 0 where absent; empty: 0
  std::array<TextColumn, kFieldCount> fields;  // [Field]; kKind is left out, it follows from `kind`
  TextColumn order;
  std::string_view pseudonyms;  // 16 bytes each
  std::span<const uint32_t>
      pseudonym_index;  // 0: absent, else 1 + position in `pseudonyms`; empty: absent

  uint64_t end_leaf() const { return first_leaf + record_count; }
  size_t rows() const { return size + copies.size(); }
  uint64_t effective(size_t row) const {
    return effective_index.empty() ? first_leaf + row : effective_index[row];
  }
};

// OK when `batch` keeps the rules above and continues a store that has folded `folded_size` leaves
// of `log_id` (empty: of no log yet). FAILED_PRECONDITION: another log, or a gap. INVALID_ARGUMENT:
// it breaks a rule.
absl::Status CheckBatch(const EffectBatch& batch, uint64_t folded_size, std::string_view log_id);

// NOT_FOUND, as StatStore::ReadEvents has it.
absl::Status NoEventAt(uint64_t leaf);

// OK when `query` keeps the rules of EngineQuery for a store of `folded_size` leaves.
absl::Status CheckQuery(const EngineQuery& query, uint64_t folded_size);

// RESOURCE_EXHAUSTED: CellNumber() of the query may reach 2^62. INVALID_ARGUMENT: it asks for
// origin times, which have no place in that number.
absl::Status CheckCellNumbers(const EngineQuery& query);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_EFFECT_BATCH_H_
