#include "services/analytics/store/scan_plan.h"

#include <algorithm>
#include <utility>

namespace tidemark::analytics {
namespace {

std::vector<uint32_t> MappingsOf(const EngineQuery& query) {
  std::vector<uint32_t> mappings;
  for (const TimeSlice& slice : query.slices) mappings.push_back(slice.mapping);
  std::sort(mappings.begin(), mappings.end());
  mappings.erase(std::unique(mappings.begin(), mappings.end()), mappings.end());
  return mappings;
}

}  // namespace

ScanPlan::ScanPlan(const EngineQuery& query, const ScanFacts& facts,
                   std::vector<const RowGroup*> groups)
    : query_(query), facts_(facts), groups_(std::move(groups)) {
  const std::vector<uint32_t> mappings = MappingsOf(query);
  for (const Grouping& grouping : query.groupings) {
    groupings_.push_back(MakeTables(grouping.field, grouping.tables));
  }
  for (const CodeFilter& filter : query.filters)
    filters_.push_back(MakeTables(filter.field, filter.tables));
  for (size_t i = query.groupings.size(); i-- > 0;) {
    groupings_[i].stride = period_stride_;
    period_stride_ *= query.groupings[i].group_count;
  }
  cell_numbers_ = period_stride_ * query.period_count;
  for (uint32_t mapping : mappings) {
    for (const RowGroup* group : groups_) {
      if (group->rows != 0) AddUnit(*group, mapping);
    }
  }
  // Units of one month side by side: their cells are near each other.
  std::stable_sort(units_.begin(), units_.end(), [](const ScanUnit& a, const ScanUnit& b) {
    return a.group->min_time_us < b.group->min_time_us;
  });
}

ScanPlan::Tables ScanPlan::MakeTables(
    Field field, const std::vector<std::shared_ptr<const GroupTable>>& tables) const {
  Tables made;
  made.slot = static_cast<int>(field);
  made.by_mapping.resize(tables.size());
  std::vector<bool> used(tables.size());
  for (const TimeSlice& slice : query_.slices) used[slice.mapping] = true;
  for (size_t m = 0; m < tables.size(); ++m) {
    if (!used[m]) continue;
    made.by_mapping[m] =
        field == Field::kKind
            ? std::make_unique<CodeTable>(*tables[m], facts_.kind_codes)
            : std::make_unique<CodeTable>(tables[m], facts_.code_counts[made.slot]);
  }
  return made;
}

bool ScanPlan::AddFilters(const std::vector<Tables>& tables, uint32_t mapping, ScanUnit* unit) {
  for (const Tables& filter : tables) {
    const CodeTable* const table = filter.by_mapping[mapping].get();
    const ColumnView& column = unit->group->columns[filter.slot];
    if (table->KeepsNone(column.min, column.max)) return false;
    if (!table->KeepsAll(column.min, column.max)) unit->filters.push_back({filter.slot, table, 0});
  }
  return true;
}

void ScanPlan::AddUnit(const RowGroup& group, uint32_t mapping) {
  ScanUnit unit{.group = &group, .slices = SliceFinder(query_.slices, mapping, group)};
  if (unit.slices.none() || group.min_effective >= query_.log_size) return;
  unit.check_effective = group.max_effective >= query_.log_size;
  if (!AddFilters(filters_, mapping, &unit) || !AddFilters(groupings_, mapping, &unit)) return;
  for (const Tables& grouping : groupings_) {
    unit.groupings.push_back({grouping.slot, grouping.by_mapping[mapping].get(), grouping.stride});
  }
  unit.ranges.push_back({0, group.rows});
  if (group.sorted) NarrowRanges(&unit);
  for (const RowRange& range : unit.ranges) unit.rows += range.end - range.begin;
  if (unit.rows == 0) return;
  rows_ += unit.rows;
  has_negative_ = has_negative_ || group.has_negative;
  units_.push_back(std::move(unit));
}

unsigned __int128 ScanPlan::SumBound(int slot) const {
  unsigned __int128 bound = 0;
  for (const ScanUnit& unit : units_) {
    const ColumnView& column = unit.group->columns[slot];
    const auto size = [](int64_t value) {
      return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    };
    bound +=
        static_cast<unsigned __int128>(std::max(size(column.min), size(column.max))) * unit.rows;
  }
  return bound;
}

void ScanPlan::Bounds(int slot, int64_t* min, int64_t* max) const {
  *min = *max = 0;
  bool first = true;
  for (const ScanUnit& unit : units_) {
    const ColumnView& column = unit.group->columns[slot];
    *min = first ? column.min : std::min(*min, column.min);
    *max = first ? column.max : std::max(*max, column.max);
    first = false;
  }
}

}  // namespace tidemark::analytics
