#include "services/analytics/statistics/flows/visitors.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kNoPlace = 0xFFFFFFFF;

// For every group of the residence, the group of the place of use that is the same place.
std::vector<uint32_t> SamePlaces(const EnginePlan& plan) {
  absl::flat_hash_map<std::string_view, uint32_t> places;
  for (uint32_t group = 0; group < plan.groups[1].size(); ++group) {
    if (plan.groups[1][group].kind == MemberKind::kCode) {
      places.emplace(plan.groups[1][group].code, group);
    }
  }
  std::vector<uint32_t> same;
  for (const Group& group : plan.groups[0]) {
    const auto found = group.kind == MemberKind::kCode ? places.find(group.code) : places.end();
    same.push_back(found == places.end() ? kNoPlace : found->second);
  }
  return same;
}

}  // namespace

absl::StatusOr<Visitors> CountVisitors(const StatisticContext& context, const Query& query) {
  TM_ASSIGN_OR_RETURN(const Plan plan, PlanQuery(context, query));
  TM_ASSIGN_OR_RETURN(EnginePlan engine_plan, MakeEnginePlan(plan, *context.store));
  engine_plan.query.stop = context.stop;
  Visitors visitors;
  if (!plan.has_effects) return visitors;
  const std::vector<uint32_t> same = SamePlaces(engine_plan);
  absl::flat_hash_map<std::pair<uint32_t, uint32_t>, int64_t> of_place;
  std::vector<int64_t> of_all(plan.periods.size());
  std::vector<std::pair<uint32_t, uint32_t>> visited;
  const auto take = [&](std::span<const Consumption> consumptions) {
    visited.clear();
    for (const Consumption& consumption : consumptions) {
      std::array<uint32_t, 2> ends;
      const uint32_t period = PeriodOfCell(engine_plan.query, consumption.cell, ends);
      if (engine_plan.groups[0][ends[0]].kind != MemberKind::kCode ||
          engine_plan.groups[1][ends[1]].kind != MemberKind::kCode || same[ends[0]] == ends[1]) {
        continue;
      }
      visited.emplace_back(period, ends[1]);
    }
    // A pseudonym may have several residences.
    std::sort(visited.begin(), visited.end());
    visited.erase(std::unique(visited.begin(), visited.end()), visited.end());
    for (size_t i = 0; i < visited.size(); ++i) {
      ++of_place[visited[i]];
      if (i == 0 || visited[i].first != visited[i - 1].first) ++of_all[visited[i].first];
    }
    return absl::OkStatus();
  };
  TM_ASSIGN_OR_RETURN(visitors.effects_scanned,
                      context.store->EachConsumer(engine_plan.query, take));
  for (const auto& [key, count] : of_place) {
    visitors.of_place[{NameOfPeriod(plan, key.first),
                       std::string(engine_plan.groups[1][key.second].code)}] = count;
  }
  for (uint32_t period = 0; period < of_all.size(); ++period)
    visitors.of_all[NameOfPeriod(plan, period)] = of_all[period];
  return visitors;
}

}  // namespace tidemark::analytics
