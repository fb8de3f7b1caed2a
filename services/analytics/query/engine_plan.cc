#include "services/analytics/query/engine_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/boundaries.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::kNone;
using catalog_client::Ordinal;

bool HasHierarchy(const DimensionWord& word) {
  return word.codes == CodeKind::kRegions || word.codes == CodeKind::kCategories;
}

std::string_view IdOf(const CatalogView& view, const DimensionWord& word, Ordinal ordinal) {
  return word.codes == CodeKind::kRegions ? view.regions()[ordinal].id
                                          : view.categories()[ordinal].id;
}

// The groups of a dimension. Group 0 is UNKNOWN. Codes at or below the level asked are in its
// group, others stay alone; but codes that count as one region are one. A code may be in another
// group by another geography; what a group stands for is the same in all.
class GroupMaker {
 public:
  // `groups`: to be filled.
  GroupMaker(const CatalogView& view, const PlannedDimension& dimension, const CodeList& codes,
             std::vector<Group>* groups)
      : view_(view), dimension_(dimension), codes_(codes), groups_(*groups) {}

  // A table per geography. Groups are numbered code by code, so that codes met later only add some.
  std::vector<std::shared_ptr<const GroupTable>> Make(const std::vector<Boundaries>& geographies) {
    if (!HasHierarchy(*dimension_.word)) return {geographies.size(), MakeAlone()};
    std::vector<std::shared_ptr<GroupTable>> tables;
    for (size_t g = 0; g < geographies.size(); ++g) {
      tables.push_back(std::make_shared<GroupTable>());
      tables.back()->groups.resize(std::max<size_t>(codes_.size(), 1));
    }
    groups_.push_back({MemberKind::kUnknown, {}, kNone});
    for (size_t code = 1; code < codes_.size(); ++code) {
      std::optional<uint32_t> alone;
      for (size_t g = 0; g < geographies.size(); ++g)
        tables[g]->groups[code] = NumberOf(code, geographies[g], &alone);
    }
    return {tables.begin(), tables.end()};
  }

 private:
  // Every code in a group of its own.
  std::shared_ptr<const GroupTable> MakeAlone() {
    auto table = std::make_shared<GroupTable>();
    table->groups.resize(std::max<size_t>(codes_.size(), 1));
    groups_.reserve(table->groups.size());
    groups_.push_back({MemberKind::kUnknown, {}, kNone});
    for (size_t code = 1; code < codes_.size(); ++code) {
      table->groups[code] = static_cast<uint32_t>(code);
      groups_.push_back({MemberKind::kCode, codes_[code], kNone});
    }
    return table;
  }

  // `alone`: of the code where the catalog does not know it, once it is numbered.
  uint32_t NumberOf(size_t code, const Boundaries& boundaries, std::optional<uint32_t>* alone) {
    Group group{MemberKind::kCode, codes_[code], kNone};
    const CodeKind kind = dimension_.word->codes;
    group.ordinal = boundaries.Find(kind, codes_[code]);
    bool may_share = boundaries.fixed() && kind == CodeKind::kRegions;
    if (dimension_.level != 0) {
      const Ordinal at = boundaries.AtLevel(kind, group.ordinal, dimension_.level);
      if (at == kNone) {
        group.kind = MemberKind::kUnallocated;
      } else {
        group.ordinal = at;
        may_share = true;
      }
    }
    const auto next = static_cast<uint32_t>(groups_.size());
    if (may_share && group.ordinal != kNone) {
      const auto [it, fresh] = shared_.try_emplace({group.kind, group.ordinal}, next);
      if (!fresh) return it->second;
      group.code = IdOf(view_, *dimension_.word, group.ordinal);
    } else if (*alone) {
      return **alone;
    } else {
      *alone = next;
    }
    groups_.push_back(group);
    return next;
  }

  const CatalogView& view_;
  const PlannedDimension& dimension_;
  const CodeList& codes_;
  std::vector<Group>& groups_;
  absl::flat_hash_map<std::pair<MemberKind, Ordinal>, uint32_t> shared_;
};

// The regions or categories that a filter names at a time.
class Included {
 public:
  Included(const CatalogView& view, const Boundaries& boundaries, const PlannedFilter& filter,
           int64_t time_us)
      : view_(view),
        boundaries_(boundaries),
        regions_(filter.word->codes == CodeKind::kRegions),
        kind_(filter.word->codes),
        by_ordinal_(regions_ ? view.regions().size() : view.categories().size()) {
    for (const Ordinal root : filter.roots) Add(root);
    for (const Ordinal group : filter.groups) {
      for (const Ordinal region : view.GroupRegionsAt(group, boundaries.MembersAt(time_us)))
        Add(region);
    }
  }

  // Of each code whether it is one of them. A code met is looked up among the named ones as long as
  // these are fewer: most filters name a handful.
  template <typename Set>
  void Visit(const CodeList& codes, Set set) const {
    if (Replaces() || members_.size() >= codes.size()) {
      for (size_t code = 1; code < codes.size(); ++code)
        set(code, Includes(boundaries_.Find(kind_, codes[code])));
      return;
    }
    absl::flat_hash_set<std::string_view> ids;
    for (const Ordinal member : members_) {
      ids.insert(regions_ ? view_.regions()[member].id : view_.categories()[member].id);
    }
    for (size_t code = 1; code < codes.size(); ++code) set(code, ids.contains(codes[code]));
  }

 private:
  // What lies below a region is then not what its subtree says.
  bool Replaces() const { return regions_ && boundaries_.fixed(); }

  void Add(Ordinal root) {
    if (Replaces()) {
      by_ordinal_[boundaries_.Of(root)] = true;
      return;
    }
    if (by_ordinal_[root]) return;
    for (const Ordinal o : regions_ ? view_.RegionSubtree(root) : view_.CategorySubtree(root)) {
      if (by_ordinal_[o]) continue;
      by_ordinal_[o] = true;
      members_.push_back(o);
    }
  }

  bool Includes(Ordinal ordinal) const {
    if (!Replaces()) return ordinal != kNone && by_ordinal_[ordinal];
    for (; ordinal != kNone; ordinal = boundaries_.Above(ordinal)) {
      if (by_ordinal_[ordinal]) return true;
    }
    return false;
  }

  const CatalogView& view_;
  const Boundaries& boundaries_;
  const bool regions_;
  const CodeKind kind_;
  std::vector<bool> by_ordinal_;
  std::vector<Ordinal> members_;
};

std::shared_ptr<GroupTable> MakeFilter(const CatalogView& view, const StatStore& store,
                                       const PlannedFilter& filter, const Boundaries& boundaries,
                                       const CodeList& codes, int64_t time_us) {
  auto table = std::make_shared<GroupTable>();
  table->groups.assign(std::max<size_t>(codes.size(), 1), filter.exclude ? 0 : kDropped);
  const auto set = [&](size_t code, bool named) {
    table->groups[code] = named != filter.exclude ? 0 : kDropped;
  };
  set(0, filter.unknown);
  if (HasHierarchy(*filter.word)) {
    Included(view, boundaries, filter, time_us).Visit(codes, set);
    return table;
  }
  for (const std::string& named : filter.codes) {
    const CodeId code = store.CodeOf(filter.word->field, named);
    if (code != 0 && code < codes.size()) set(code, true);
  }
  return table;
}

// Events of TEST sources are in the log, but never in statistics.
void DropTestSources(const CatalogView& view, const CodeList& codes, size_t mappings,
                     EngineQuery* query) {
  auto table = std::make_shared<GroupTable>();
  table->groups.resize(std::max<size_t>(codes.size(), 1));
  for (size_t code = 1; code < codes.size(); ++code) {
    const auto* source = view.sources().Find(codes[code]);
    if (source == nullptr || source->kind != catalog_client::SourceKind::kTest) continue;
    table->groups[code] = kDropped;
    query->unseen_sources.push_back(static_cast<CodeId>(code));
  }
  if (query->unseen_sources.empty()) return;
  query->filters.push_back({Field::kSource, {mappings, std::move(table)}});
}

// What events of one mapping are judged by: members of groups at a time, and one of the plan's
// geographies.
struct Mapping {
  int64_t time_us = 0;
  uint32_t geography = 0;
};

// The mappings that the slices use go to `mappings`, at least one; the time of each lies in every
// slice of it.
absl::Status AddSlices(const Plan& plan, const std::vector<int64_t>& cuts, EngineQuery* query,
                       std::vector<Mapping>* mappings) {
  // By number of cuts at or before, and geography.
  absl::flat_hash_map<std::pair<size_t, uint32_t>, uint32_t> numbers;
  size_t cut = 0;
  for (size_t p = 0; p < plan.periods.size(); ++p) {
    int64_t start = plan.periods[p].start_us;
    const int64_t end = plan.periods[p].end_us;
    while (start < end) {
      while (cut < cuts.size() && cuts[cut] <= start) ++cut;
      const int64_t stop = cut < cuts.size() ? std::min(end, cuts[cut]) : end;
      const uint32_t geography = plan.periods[p].geography;
      const auto [number, fresh] =
          numbers.try_emplace({cut, geography}, static_cast<uint32_t>(mappings->size()));
      if (fresh) mappings->push_back({start, geography});
      query->slices.push_back({start, stop, static_cast<uint32_t>(p), number->second});
      start = stop;
      if (query->slices.size() > kMaxSlices) {
        return status::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                      "more than ", kMaxSlices,
                                      " pieces of time; narrow the range, take a longer grain, "
                                      "or filter by regions instead of a group")),
                                  "TOO_MANY_PERIODS");
      }
    }
  }
  if (mappings->empty()) mappings->emplace_back();
  query->period_count = static_cast<uint32_t>(plan.periods.size());
  return absl::OkStatus();
}

void AddAggregates(const Plan& plan, EngineQuery* query) {
  const auto add = [](auto value, auto* list) {
    if (std::find(list->begin(), list->end(), value) == list->end()) list->push_back(value);
  };
  for (const PlannedMeasure& measure : plan.measures) {
    for (const Aggregate aggregate : measure.word->aggregates) add(aggregate, &query->aggregates);
    if (measure.word->measure == Measure::kQuantile) add(measure.quantile, &query->quantiles);
  }
}

// The tables of a filter by mapping; mappings by which it keeps the same share one. What a caller
// may see is what was in its region when it happened, however the answer is asked.
std::vector<std::shared_ptr<const GroupTable>> FilterTables(const Plan& plan,
                                                            const StatStore& store,
                                                            const PlannedFilter& filter,
                                                            const CodeList& codes,
                                                            const std::vector<Mapping>& mappings) {
  const bool at_event = filter.at_event || plan.geographies.empty();
  const bool by_time = at_event && !filter.groups.empty();
  const bool by_geography = !at_event && filter.word->codes == CodeKind::kRegions;
  absl::flat_hash_map<std::pair<int64_t, uint32_t>, std::shared_ptr<const GroupTable>> known;
  std::vector<std::shared_ptr<const GroupTable>> tables;
  for (const Mapping& mapping : mappings) {
    std::shared_ptr<const GroupTable>& table =
        known[{by_time ? mapping.time_us : 0, by_geography ? mapping.geography : 0}];
    if (table == nullptr) {
      const Boundaries boundaries(*plan.view,
                                  at_event ? std::nullopt : plan.MomentOf(mapping.geography));
      table = MakeFilter(*plan.view, store, filter, boundaries, codes, mapping.time_us);
    }
    tables.push_back(table);
  }
  return tables;
}

void AddFilters(const Plan& plan, const StatStore& store, const std::vector<Mapping>& mappings,
                EngineQuery* query) {
  DropTestSources(*plan.view, *store.Codes(Field::kSource), mappings.size(), query);
  for (const PlannedFilter& filter : plan.filters) {
    if (filter.word == nullptr) {
      query->order_filters.push_back({filter.codes, filter.unknown, filter.exclude});
      continue;
    }
    const std::shared_ptr<const CodeList> codes = store.Codes(filter.word->field);
    query->filters.push_back(
        {filter.word->field, FilterTables(plan, store, filter, *codes, mappings)});
  }
}

// Those whose members change with the time of events.
std::vector<Ordinal> GroupsOfFilters(const Plan& plan) {
  std::vector<Ordinal> groups;
  for (const PlannedFilter& filter : plan.filters) {
    if (!plan.geographies.empty() && !filter.at_event) continue;
    groups.insert(groups.end(), filter.groups.begin(), filter.groups.end());
  }
  return groups;
}

// Bounds the memory of the answer: cells of eight bytes per column.
uint64_t MostCells(const Plan& plan) {
  constexpr uint64_t kMostValues = 48'000'000;
  return std::min<uint64_t>(4'000'000, kMostValues / (plan.Columns().size() + 8));
}

}  // namespace

absl::StatusOr<EnginePlan> MakeEnginePlan(const Plan& plan, const StatStore& store) {
  EnginePlan made;
  EngineQuery& query = made.query;
  query.log_size = plan.snapshot.log_size;
  query.max_cells = MostCells(plan);
  const int64_t start_us = plan.periods.empty() ? 0 : plan.periods.front().start_us;
  const int64_t end_us = plan.periods.empty() ? 0 : plan.periods.back().end_us;
  const std::vector<int64_t> cuts =
      MembershipChanges(*plan.view, GroupsOfFilters(plan), start_us, end_us);
  if (cuts.size() >= kMaxMappings) {
    return status::WithReason(
        absl::ResourceExhaustedError(
            absl::StrCat("the groups of the filters change ", cuts.size(),
                         " times in the range; narrow the range, or name regions instead")),
        "TOO_MANY_MEMBERSHIP_CHANGES");
  }
  std::vector<Mapping> mappings;
  TM_RETURN_IF_ERROR(AddSlices(plan, cuts, &query, &mappings));
  AddFilters(plan, store, mappings, &query);
  std::vector<Boundaries> geographies;
  for (const int64_t moment : plan.geographies) geographies.emplace_back(*plan.view, moment);
  if (geographies.empty()) geographies.emplace_back(*plan.view, std::nullopt);
  for (const PlannedDimension& dimension : plan.dimensions) {
    made.codes.push_back(store.Codes(dimension.word->field));
    std::vector<Group>& groups = made.groups.emplace_back();
    // All others are the same by every geography.
    const bool by_geography = dimension.word->codes == CodeKind::kRegions;
    const auto tables =
        GroupMaker(*plan.view, dimension, *made.codes.back(), &groups)
            .Make(by_geography ? geographies : std::vector<Boundaries>{geographies.front()});
    Grouping& grouping = query.groupings.emplace_back();
    grouping.field = dimension.word->field;
    grouping.group_count = static_cast<uint32_t>(groups.size());
    for (const Mapping& mapping : mappings)
      grouping.tables.push_back(tables[by_geography ? mapping.geography : 0]);
  }
  AddAggregates(plan, &query);
  return made;
}

std::vector<int64_t> MembershipChanges(const CatalogView& view, const std::vector<Ordinal>& groups,
                                       int64_t start_us, int64_t end_us) {
  std::vector<int64_t> times;
  for (const Ordinal group : groups) {
    for (const auto& region : view.region_groups()[group].regions) {
      for (const auto& interval : region.times) {
        for (const int64_t time : {interval.start_us, interval.end_us}) {
          if (start_us < time && time < end_us) times.push_back(time);
        }
      }
    }
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

catalog_client::Ordinal WiderGroup(const Plan& plan, uint32_t geography,
                                   const PlannedDimension& dimension, const Group& group,
                                   int level) {
  return Boundaries(*plan.view, plan.MomentOf(geography))
      .AtLevel(dimension.word->codes, group.ordinal, level);
}

}  // namespace tidemark::analytics
