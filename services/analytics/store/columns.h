// The columns that effects are kept in, in memory and in run files alike.
#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_COLUMNS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_COLUMNS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/floor_div.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/block_kernels.h"

namespace tidemark::analytics {

// Numbers are stored in run files. Slots below kFieldCount hold the codes of that Field, but that
// of Field::kKind holds the class of the effect.
enum Slot : int {
  kClassSlot = static_cast<int>(Field::kKind),
  kAmountSlot = kFieldCount,
  kVoucherSlot,
  kQuantitySlot,
  kConsumerSlot,  // dense number of the pseudonym, 0: absent
  kOrderSlot,     // dense number of (source, order), 0: absent
  kTimeSlot,   // whole seconds since the start of the group's month; in an unsorted group the time
               // in µs
  kMicroSlot,  // the rest of the event time, µs; in an unsorted group 0
  kEffectiveSlot,  // effective index
  kLagSlot,        // quarters of an hour from the event's original to it; see LagOf()
  kSlotCount,
};

// Class of an effect: its kind, + kCopyClass when it is no event's own effect, and then
// + kNegativeClass - kCopyClass when its sign is -.
inline constexpr uint32_t kCopyClass = kEffectKindCount;
inline constexpr uint32_t kNegativeClass = 2 * kEffectKindCount;
inline constexpr uint32_t kClassCount = 3 * kEffectKindCount;
constexpr EffectKind KindOfClass(uint32_t effect_class) {
  return static_cast<EffectKind>(effect_class % kEffectKindCount);
}
constexpr int64_t SignOfClass(uint32_t effect_class) {
  return effect_class >= kNegativeClass ? -1 : 1;
}
constexpr bool IsOwnClass(uint32_t effect_class) { return effect_class < kCopyClass; }

// What kLagSlot has of an effect at `time_us` that counts a refund of an original at `original_us`;
// of every other effect it is 0. So its column is empty where no refund names an original.
constexpr int64_t LagOf(int64_t time_us, int64_t original_us) {
  return FloorDiv(time_us, kOriginGrainUs) - FloorDiv(original_us, kOriginGrainUs);
}
// A time that lies as the original's does between any two multiples of kOriginGrainUs.
constexpr int64_t OriginOf(int64_t time_us, int64_t lag) { return time_us - lag * kOriginGrainUs; }

// values[row] = base + the row's `width` bytes, little-endian, modulo 2^64. Width 0: every row is
// `base`. A column of width 3 has a readable byte behind its end.
struct ColumnView {
  const uint8_t* data = nullptr;
  uint8_t width = 0;
  int64_t base = 0;
  // Of every row, inclusive; bounds, not always attained.
  int64_t min = 0;
  int64_t max = 0;

  PackedRows From(size_t row) const { return {data + row * width, width, base}; }
  int64_t At(size_t row) const {
    uint64_t value = 0;
    if (width != 0) std::memcpy(&value, data + row * width, width);
    return static_cast<int64_t>(static_cast<uint64_t>(base) + value);
  }
};

// Smallest and largest value of kZoneRows rows each, less the column's base. Empty: not kept.
inline constexpr size_t kZoneRows = 8192;
struct ZoneMap {
  std::span<const uint32_t> min;
  std::span<const uint32_t> max;
};

// Rows that are scanned together: one UTC month of a run, ordered by (consumer region, category,
// second, effective index); or a chunk of the tail, in the order of the log.
struct RowGroup {
  uint32_t rows = 0;
  bool sorted = false;
  int32_t month = 0;        // sorted groups only
  int64_t min_time_us = 0;  // bounds of the event times, inclusive
  int64_t max_time_us = -1;
  uint64_t min_effective = 0;  // bounds of the effective indexes, inclusive
  uint64_t max_effective = 0;
  bool has_negative = false;
  std::array<ColumnView, kSlotCount> columns;
  std::array<ZoneMap, kSlotCount> zones;
  // The consumer regions of a sorted group: rows [region_starts[i], region_starts[i + 1]) have code
  // region_codes[i].
  std::span<const uint32_t> region_codes;
  std::span<const uint32_t> region_starts;  // one more than codes

  int64_t TimeAt(size_t row) const;
};

// One row, spelled out, with its time in µs in kTimeSlot and 0 in kMicroSlot.
using StoredRow = std::array<int64_t, kSlotCount>;
StoredRow ReadRow(const RowGroup& group, size_t row);

// Decoders write `n` values: of rows start, start + 1 ... or of rows start + rows[i]. Decode32
// keeps the low 32 bits.
inline void Decode32(const ColumnView& column, size_t start, size_t n, uint32_t* out) {
  Kernels().decode32(column.From(start), n, out);
}
inline void Decode64(const ColumnView& column, size_t start, size_t n, int64_t* out) {
  Kernels().decode64(column.From(start), n, out);
}
void Decode32(const ColumnView& column, size_t start, const uint16_t* rows, size_t n,
              uint32_t* out);
void Decode64(const ColumnView& column, size_t start, const uint16_t* rows, size_t n, int64_t* out);

// First row in [begin, end) whose value is not below `value`, in a column that ascends there.
size_t LowerBound(const ColumnView& column, size_t begin, size_t end, int64_t value);

// Bytes a value up to `range` needs: 0, 1, 2, 3, 4 or 8.
uint8_t WidthFor(uint64_t range);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_COLUMNS_H_
