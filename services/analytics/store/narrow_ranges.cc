#include <algorithm>

#include "services/analytics/store/scan_plan.h"

namespace tidemark::analytics {
namespace {

constexpr int kRegionSlot = static_cast<int>(Field::kConsumerRegion);
constexpr int kCategorySlot = static_cast<int>(Field::kCategory);
// Below this many rows a range, looking at the rows is as fast as searching.
constexpr uint64_t kWorthSearching = 128;

// The filter of a slot, end() when there is none.
std::vector<CodeStep>::iterator FilterOf(ScanUnit* unit, int slot) {
  return std::find_if(unit->filters.begin(), unit->filters.end(),
                      [&](const CodeStep& step) { return step.slot == slot; });
}

void AddRange(size_t begin, size_t end, std::vector<RowRange>* ranges) {
  if (begin >= end) return;
  if (!ranges->empty() && ranges->back().end == begin) {
    ranges->back().end = static_cast<uint32_t>(end);
  } else {
    ranges->push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
  }
}

std::vector<RowRange> RegionRanges(const RowGroup& group, const CodeTable* table, bool join) {
  std::vector<RowRange> ranges;
  const auto add = [&](size_t i) {
    if (!join) {
      ranges.push_back({group.region_starts[i], group.region_starts[i + 1]});
    } else {
      AddRange(group.region_starts[i], group.region_starts[i + 1], &ranges);
    }
  };
  if (table != nullptr && table->few()) {
    for (uint32_t code : table->kept()) {
      const auto found =
          std::lower_bound(group.region_codes.begin(), group.region_codes.end(), code);
      if (found != group.region_codes.end() && *found == code)
        add(found - group.region_codes.begin());
    }
    return ranges;
  }
  for (size_t i = 0; i < group.region_codes.size(); ++i) {
    if (table == nullptr || table->Keeps(group.region_codes[i])) add(i);
  }
  return ranges;
}

}  // namespace

void NarrowRanges(ScanUnit* unit) {
  const RowGroup& group = *unit->group;
  const auto region = FilterOf(unit, kRegionSlot);
  const CodeTable* const region_table = region == unit->filters.end() ? nullptr : region->table;
  if (region_table != nullptr) unit->filters.erase(region);

  const auto category = FilterOf(unit, kCategorySlot);
  const CodeTable* const table = category == unit->filters.end() ? nullptr : category->table;
  std::vector<RowRange> regions = RegionRanges(group, region_table, /*join=*/table == nullptr);
  uint64_t rows = 0;
  for (const RowRange& range : regions) rows += range.end - range.begin;
  if (table == nullptr || !table->few() ||
      rows < kWorthSearching * regions.size() * table->kept().size()) {
    unit->ranges.clear();
    for (const RowRange& range : regions) AddRange(range.begin, range.end, &unit->ranges);
    return;
  }
  unit->filters.erase(category);
  const ColumnView& column = group.columns[kCategorySlot];
  const bool by_time = unit->slices.single() && !unit->slices.constant();
  unit->ranges.clear();
  for (const RowRange& range : regions) {
    size_t begin = range.begin;
    for (uint32_t code : table->kept()) {
      begin = LowerBound(column, begin, range.end, code);
      size_t end = LowerBound(column, begin, range.end, int64_t{code} + 1);
      size_t first = begin;
      begin = end;
      // Rows are checked again when they are read.
      if (by_time) unit->slices.Range(group, &first, &end);
      AddRange(first, end, &unit->ranges);
    }
  }
}

}  // namespace tidemark::analytics
