#include "services/analytics/store/contested_ids.h"

#include <algorithm>
#include <array>

#include "services/analytics/store/row_selection.h"

namespace tidemark::analytics {
namespace {

// keep[byte] of a class column with that base.
std::array<uint8_t, 256> NegativeBytes(int64_t base) {
  std::array<uint8_t, 256> keep = {};
  for (int64_t byte = 0; byte < 256; ++byte)
    keep[byte] = base + byte >= int64_t{kNegativeClass} ? 0xFF : 0;
  return keep;
}

}  // namespace

IdBitmap FindContested(const ScanPlan& plan, int slot, uint32_t ids) {
  IdBitmap contested(ids);
  RowSelection rows;
  for (const ScanUnit& unit : plan.units()) {
    const RowGroup& group = *unit.group;
    if (!group.has_negative) continue;
    if (!plan.control().Continue()) break;
    const ColumnView& classes = group.columns[kClassSlot];
    const std::array<uint8_t, 256> keep = NegativeBytes(classes.base);
    for (const RowRange& range : unit.ranges) {
      for (size_t start = range.begin; start < range.end; start += kBlockRows) {
        rows.Start(std::min<size_t>(kBlockRows, range.end - start));
        if (classes.width == 1) {
          Kernels().keep_bytes(classes.data + start, rows.span(), keep.data(), rows.mask());
          rows.Recount();
        } else {
          rows.Narrow([&](size_t i) { return classes.At(start + i) >= int64_t{kNegativeClass}; });
        }
        if (rows.size() == 0) continue;
        const uint16_t* const negative = rows.rows();
        for (size_t i = 0; i < rows.size(); ++i) {
          const auto id = static_cast<uint32_t>(group.columns[slot].At(start + negative[i]));
          if (id != 0 && id < ids) contested.Add(id);
        }
      }
    }
  }
  return contested;
}

}  // namespace tidemark::analytics
