// EffectBatch: what one block of the log adds to statistics, by columns.
//
// An effect is one signed row: + counts an event, - takes back what an earlier + counted. A -
// effect repeats every column of the + effect that it takes back, at its own effective index.
#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_EFFECT_BATCH_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_EFFECT_BATCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
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
  kRefund = 1,          // names its original
  kUnlinkedRefund = 2,  // names none
  kServiceUse = 3,
};
inline constexpr int kEffectKindCount = 4;

// The text of an effect kind in Field::kKind: both refunds are "refund".
constexpr std::string_view KindText(EffectKind kind) {
  switch (kind) {
    case EffectKind::kPurchase:
      return "purchase";
    case EffectKind::kServiceUse:
      return "service_use";
    case EffectKind::kRefund:
    case EffectKind::kUnlinkedRefund:
      break;
  }
  return "refund";
}

// Has a consumer: kConsumers counts whose effects are of these kinds.
constexpr bool IsConsumption(EffectKind kind) {
  return kind == EffectKind::kPurchase || kind == EffectKind::kServiceUse;
}

// entries[index[row]] is the row's text; entries[0] stands for absent, whatever it holds. Entries
// may repeat. Without entries every row is absent.
struct TextColumn {
  std::span<const std::string_view> entries;
  std::span<const uint32_t> index;  // one per row
  bool constant = false;            // a promise: every row has the index of row 0
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

  // Its effects, at most one block's worth of rows.
  size_t size = 0;
  std::span<const uint64_t>
      effective_index;               // never descending, within the block; empty: first_leaf + row
  std::span<const int8_t> sign;      // 1 or -1; empty: 1
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
  uint64_t effective(size_t row) const {
    return effective_index.empty() ? first_leaf + row : effective_index[row];
  }
  bool negative(size_t row) const { return !sign.empty() && sign[row] < 0; }
};

// OK when `batch` keeps the rules above and continues a store that has folded `folded_size` leaves
// of `log_id` (empty: of no log yet). FAILED_PRECONDITION: another log, or a gap. INVALID_ARGUMENT:
// it breaks a rule.
absl::Status CheckBatch(const EffectBatch& batch, uint64_t folded_size, std::string_view log_id);

// OK when `query` keeps the rules of EngineQuery for a store of `folded_size` leaves.
absl::Status CheckQuery(const EngineQuery& query, uint64_t folded_size);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_EFFECT_BATCH_H_
