#include "services/analytics/store/scan_plan.h"

#include <algorithm>
#include <map>
#include <utility>

namespace tidemark::analytics {
namespace {

constexpr unsigned __int128 kMostNumbers = uint64_t{1} << 62;

std::vector<uint32_t> MappingsOf(const EngineQuery& query) {
  std::vector<uint32_t> mappings;
  for (const TimeSlice& slice : query.slices) mappings.push_back(slice.mapping);
  std::sort(mappings.begin(), mappings.end());
  mappings.erase(std::unique(mappings.begin(), mappings.end()), mappings.end());
  return mappings;
}

}  // namespace

ScanPlan::ScanPlan(const EngineQuery& query, const ScanFacts& facts, QueryControl& control,
                   std::vector<const RowGroup*> groups)
    : query_(query),
      facts_(facts),
      control_(control),
      groups_(std::move(groups)),
      mappings_(MappingsOf(query)) {
  for (const Grouping& grouping : query.groupings) groupings_.push_back(MakeGrouping(grouping));
  for (const CodeFilter& filter : query.filters)
    filters_.push_back(MakeTables(filter.field, filter.tables));
  if (!Number() || control_.failed()) return;
  for (Tables& grouping : groupings_) MakeSmallGroups(&grouping);
  for (uint32_t mapping : mappings_) {
    for (const RowGroup* group : groups_) {
      if (group->rows != 0) AddUnit(*group, mapping);
    }
  }
  // Units of one month side by side: their cells are near each other.
  std::stable_sort(units_.begin(), units_.end(), [](const ScanUnit& a, const ScanUnit& b) {
    return a.group->min_time_us < b.group->min_time_us;
  });
}

// Strides and number of possible cells. False, and the query fails: too many.
bool ScanPlan::Number() {
  unsigned __int128 numbers = query_.origin_bounds.size() + 1;
  for (size_t i = groupings_.size(); i-- > 0;) {
    groupings_[i].stride = static_cast<uint64_t>(numbers);
    numbers *= groupings_[i].group_count;
    if (numbers > kMostNumbers) break;
  }
  period_stride_ = static_cast<uint64_t>(numbers);
  numbers *= query_.period_count;
  if (numbers > kMostNumbers) {
    control_.Fail(absl::ResourceExhaustedError(
        "the dimensions have too many combinations to number: use fewer dimensions, higher levels "
        "of them, or filters on them"));
    return false;
  }
  cell_numbers_ = static_cast<uint64_t>(numbers);
  return true;
}

void ScanPlan::MakeSmallGroups(Tables* grouping) const {
  const uint32_t codes =
      grouping->slot == kClassSlot ? kClassCount : facts_.code_counts[grouping->slot];
  grouping->small_groups.resize(grouping->by_mapping.size());
  // Columns of more codes have more than a byte.
  if (codes > 256 || grouping->stride > UINT16_MAX / grouping->group_count) return;
  for (uint32_t mapping : mappings_) {
    const uint32_t* const groups = grouping->by_mapping[mapping]->groups();
    std::vector<uint16_t>& small = grouping->small_groups[mapping];
    small.resize(codes + kFewCodes);
    for (uint32_t code = 0; code < codes; ++code) {
      if (groups[code] != kDropped)
        small[code] = static_cast<uint16_t>(groups[code] * grouping->stride);
    }
  }
}

uint32_t ScanPlan::GroupOf(uint64_t number, size_t grouping) const {
  const Tables& tables = groupings_[grouping];
  const auto group = static_cast<uint32_t>(number / tables.stride % tables.group_count);
  return tables.group_of.empty() ? group : tables.group_of[group];
}

uint32_t ScanPlan::OriginGroup(int64_t origin_us) const {
  const std::vector<int64_t>& bounds = query_.origin_bounds;
  return static_cast<uint32_t>(std::upper_bound(bounds.begin(), bounds.end(), origin_us) -
                               bounds.begin());
}

// The tables of a grouping with the groups numbered anew that a code of its field can be in once it
// has passed the filters on that field; other codes are dropped.
ScanPlan::TableList ScanPlan::Renumber(const Grouping& grouping, Tables* made) const {
  std::vector<const CodeFilter*> filters;
  for (const CodeFilter& filter : query_.filters) {
    if (filter.field == grouping.field) filters.push_back(&filter);
  }
  made->group_count = grouping.group_count;
  if (filters.empty()) return grouping.tables;
  const uint32_t codes = facts_.code_counts[static_cast<int>(grouping.field)];
  // Mappings mostly share their tables.
  std::map<std::vector<const GroupTable*>, std::shared_ptr<GroupTable>> distinct;
  TableList tables(grouping.tables.size());
  std::vector<uint32_t> number_of(grouping.group_count, kDropped);
  for (uint32_t mapping : mappings_) {
    std::vector<const GroupTable*> key = {grouping.tables[mapping].get()};
    for (const CodeFilter* filter : filters) key.push_back(filter->tables[mapping].get());
    std::shared_ptr<GroupTable>& table = distinct[key];
    if (table == nullptr) {
      if (!control_.Take(codes * sizeof(uint32_t))) return grouping.tables;
      table = std::make_shared<GroupTable>();
      table->groups.resize(codes);
      for (CodeId code = 0; code < codes; ++code) {
        const bool passes = std::all_of(key.begin() + 1, key.end(), [&](const GroupTable* filter) {
          return filter->Of(code) != kDropped;
        });
        const uint32_t group = passes ? key[0]->Of(code) : kDropped;
        table->groups[code] = group;
        if (group != kDropped) number_of[group] = 0;
      }
    }
    tables[mapping] = table;
  }
  for (uint32_t group = 0; group < grouping.group_count; ++group) {
    if (number_of[group] == kDropped) continue;
    number_of[group] = static_cast<uint32_t>(made->group_of.size());
    made->group_of.push_back(group);
  }
  for (const auto& [key, table] : distinct) {
    for (uint32_t& group : table->groups) {
      if (group != kDropped) group = number_of[group];
    }
  }
  // Not 0: then nothing passes, and no cell is ever numbered.
  made->group_count = std::max<uint32_t>(1, static_cast<uint32_t>(made->group_of.size()));
  return tables;
}

ScanPlan::Tables ScanPlan::MakeGrouping(const Grouping& grouping) const {
  Tables numbers;
  const TableList tables = Renumber(grouping, &numbers);
  Tables made = MakeTables(grouping.field, tables);
  made.group_count = numbers.group_count;
  made.group_of = std::move(numbers.group_of);
  return made;
}

ScanPlan::Tables ScanPlan::MakeTables(Field field, const TableList& tables) const {
  Tables made;
  made.slot = static_cast<int>(field);
  made.by_mapping.resize(tables.size());
  const uint32_t codes = facts_.code_counts[made.slot];
  std::map<const GroupTable*, std::shared_ptr<const CodeTable>> distinct;
  for (uint32_t m : mappings_) {
    std::shared_ptr<const CodeTable>& table = distinct[tables[m].get()];
    if (table == nullptr) {
      if (!control_.Take(CodeTable::BytesFor(*tables[m], codes))) return made;
      table = field == Field::kKind ? std::make_shared<CodeTable>(*tables[m], facts_.kind_codes)
                                    : std::make_shared<CodeTable>(tables[m], codes);
    }
    made.by_mapping[m] = table;
  }
  return made;
}

bool ScanPlan::AddFilters(const std::vector<Tables>& tables, uint32_t mapping, ScanUnit* unit) {
  for (const Tables& filter : tables) {
    const CodeTable* const table = filter.by_mapping[mapping].get();
    const ColumnView& column = unit->group->columns[filter.slot];
    if (table->KeepsNone(column.min, column.max)) return false;
    if (!table->KeepsAll(column.min, column.max))
      unit->filters.push_back({.slot = filter.slot, .table = table});
  }
  return true;
}

void ScanPlan::AddUnit(const RowGroup& group, uint32_t mapping) {
  ScanUnit unit{.group = &group, .slices = SliceFinder(query_.slices, mapping, group)};
  if (unit.slices.none() || group.min_effective >= query_.log_size) return;
  unit.check_effective = group.max_effective >= query_.log_size;
  if (!AddFilters(filters_, mapping, &unit) || !AddFilters(groupings_, mapping, &unit)) return;
  for (const Tables& grouping : groupings_) {
    const std::vector<uint16_t>& small = grouping.small_groups[mapping];
    unit.groupings.push_back({grouping.slot, grouping.by_mapping[mapping].get(), grouping.stride,
                              small.empty() ? nullptr : small.data()});
  }
  if (!query_.origin_bounds.empty()) {
    const ColumnView& lags = group.columns[kLagSlot];
    const uint32_t first = OriginGroup(group.min_time_us);
    if (lags.width == 0 && lags.base == 0 && first == OriginGroup(group.max_time_us))
      unit.origin_group = first;
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
