#include "services/analytics/query/engine_plan.h"

#include <algorithm>
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

// Group 0 is UNKNOWN. Codes at or below the level asked are in its group, others stay alone; but
// codes that count as one region are one.
std::shared_ptr<GroupTable> MakeGroups(const CatalogView& view, const Boundaries& boundaries,
                                       const PlannedDimension& dimension, const CodeList& codes,
                                       std::vector<Group>* groups) {
  auto table = std::make_shared<GroupTable>();
  table->groups.resize(std::max<size_t>(codes.size(), 1));
  groups->push_back({MemberKind::kUnknown, {}, kNone});
  absl::flat_hash_map<std::pair<MemberKind, Ordinal>, uint32_t> shared;
  const bool replaces = boundaries.fixed() && dimension.word->codes == CodeKind::kRegions;
  for (size_t code = 1; code < codes.size(); ++code) {
    Group group{MemberKind::kCode, codes[code], kNone};
    if (HasHierarchy(*dimension.word)) {
      group.ordinal = boundaries.Find(dimension.word->codes, codes[code]);
    }
    bool may_share = replaces;
    if (dimension.level != 0) {
      const Ordinal at = boundaries.AtLevel(dimension.word->codes, group.ordinal, dimension.level);
      if (at == kNone) {
        group.kind = MemberKind::kUnallocated;
      } else {
        group.ordinal = at;
        may_share = true;
      }
    }
    if (may_share && group.ordinal != kNone) {
      group.code = IdOf(view, *dimension.word, group.ordinal);
      const auto [it, fresh] =
          shared.try_emplace({group.kind, group.ordinal}, static_cast<uint32_t>(groups->size()));
      table->groups[code] = it->second;
      if (!fresh) continue;
    }
    table->groups[code] = static_cast<uint32_t>(groups->size());
    groups->push_back(group);
  }
  return table;
}

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

std::shared_ptr<GroupTable> MakeFilter(const CatalogView& view, const PlannedFilter& filter,
                                       const Boundaries& boundaries, const CodeList& codes,
                                       int64_t time_us) {
  auto table = std::make_shared<GroupTable>();
  table->groups.resize(std::max<size_t>(codes.size(), 1));
  const auto set = [&](size_t code, bool named) {
    table->groups[code] = named != filter.exclude ? 0 : kDropped;
  };
  set(0, filter.unknown);
  if (HasHierarchy(*filter.word)) {
    Included(view, boundaries, filter, time_us).Visit(codes, set);
  } else {
    const absl::flat_hash_set<std::string_view> named(filter.codes.begin(), filter.codes.end());
    for (size_t code = 1; code < codes.size(); ++code) set(code, named.contains(codes[code]));
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

absl::Status AddSlices(const Plan& plan, const std::vector<int64_t>& cuts, EngineQuery* query) {
  size_t mapping = 0;
  for (size_t p = 0; p < plan.periods.size(); ++p) {
    int64_t start = plan.periods[p].start_us;
    const int64_t end = plan.periods[p].end_us;
    while (start < end) {
      while (mapping < cuts.size() && cuts[mapping] <= start) ++mapping;
      const int64_t stop = mapping < cuts.size() ? std::min(end, cuts[mapping]) : end;
      query->slices.push_back(
          {start, stop, static_cast<uint32_t>(p), static_cast<uint32_t>(mapping)});
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

// What a caller may see is what was in its region when it happened, however the answer is asked.
Boundaries BoundariesOf(const Plan& plan, const PlannedFilter& filter) {
  return Boundaries(*plan.view, filter.at_event ? std::nullopt : plan.fixed_us);
}

void AddFilters(const Plan& plan, const StatStore& store, const std::vector<int64_t>& times,
                EngineQuery* query) {
  const CatalogView& view = *plan.view;
  DropTestSources(view, *store.Codes(Field::kSource), times.size(), query);
  for (const PlannedFilter& filter : plan.filters) {
    if (filter.word == nullptr) {
      query->order_filters.push_back({filter.codes, filter.unknown, filter.exclude});
      continue;
    }
    const std::shared_ptr<const CodeList> codes = store.Codes(filter.word->field);
    CodeFilter made{filter.word->field, {}};
    const Boundaries boundaries = BoundariesOf(plan, filter);
    if (filter.groups.empty() || boundaries.fixed()) {
      made.tables.assign(times.size(), MakeFilter(view, filter, boundaries, *codes, times.front()));
    } else {
      for (const int64_t time : times)
        made.tables.push_back(MakeFilter(view, filter, boundaries, *codes, time));
    }
    query->filters.push_back(std::move(made));
  }
}

// Those whose members change with the time of events.
std::vector<Ordinal> GroupsOfFilters(const Plan& plan) {
  std::vector<Ordinal> groups;
  for (const PlannedFilter& filter : plan.filters) {
    if (plan.fixed_us && !filter.at_event) continue;
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
  TM_RETURN_IF_ERROR(AddSlices(plan, cuts, &query));
  // mapping_times[m] lies in every slice of mapping m.
  std::vector<int64_t> mapping_times = {start_us};
  mapping_times.insert(mapping_times.end(), cuts.begin(), cuts.end());
  AddFilters(plan, store, mapping_times, &query);
  const Boundaries boundaries(*plan.view, plan.fixed_us);
  for (const PlannedDimension& dimension : plan.dimensions) {
    made.codes.push_back(store.Codes(dimension.word->field));
    std::vector<Group>& groups = made.groups.emplace_back();
    std::shared_ptr<const GroupTable> table =
        MakeGroups(*plan.view, boundaries, dimension, *made.codes.back(), &groups);
    query.groupings.push_back({dimension.word->field,
                               {mapping_times.size(), std::move(table)},
                               static_cast<uint32_t>(groups.size())});
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

catalog_client::Ordinal WiderGroup(const Plan& plan, const PlannedDimension& dimension,
                                   const Group& group, int level) {
  return Boundaries(*plan.view, plan.fixed_us).AtLevel(dimension.word->codes, group.ordinal, level);
}

}  // namespace tidemark::analytics
