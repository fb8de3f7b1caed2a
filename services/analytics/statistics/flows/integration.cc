#include "services/analytics/statistics/flows/integration.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/statistics/mapping_cuts.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::kNone;
using catalog_client::Ordinal;

constexpr uint32_t kNoMember = 0;

// Table from the codes of regions to 1 + the position among `members` of the nearest one at or
// above it that is in the group at a time, or to `otherwise`.
std::shared_ptr<const GroupTable> TableAt(const CatalogView& view, const CodeList& codes,
                                          Ordinal group, int64_t time_us, uint32_t otherwise) {
  // By ordinal.
  std::vector<uint32_t> member_of(view.regions().size(), kNoMember);
  const auto& regions = view.region_groups()[group].regions;
  for (const Ordinal region : view.GroupRegionsAt(group, time_us)) {
    const auto found =
        std::partition_point(regions.begin(), regions.end(),
                             [region](const auto& dated) { return dated.region < region; });
    member_of[region] = static_cast<uint32_t>(found - regions.begin()) + 1;
  }
  auto table = std::make_shared<GroupTable>();
  table->beyond = otherwise;
  table->groups.assign(std::max<size_t>(codes.size(), 1), otherwise);
  for (size_t code = 1; code < codes.size(); ++code) {
    const auto* const region = view.regions().Find(codes[code]);
    Ordinal at = region == nullptr ? kNone : region->ordinal;
    while (at != kNone && member_of[at] == kNoMember) at = view.regions()[at].parent;
    if (at != kNone) table->groups[code] = member_of[at];
  }
  return table;
}

Grouping MemberGrouping(const StatisticContext& context, std::string_view dimension, Ordinal group,
                        const std::vector<size_t>& pieces, const std::vector<int64_t>& times,
                        uint32_t otherwise) {
  const Field field = FindDimension(dimension)->field;
  const std::shared_ptr<const CodeList> codes = context.store->Codes(field);
  std::vector<std::shared_ptr<const GroupTable>> by_piece(times.size());
  Grouping grouping{.field = field, .tables = {}, .group_count = 0};
  for (const size_t piece : pieces) {
    if (by_piece[piece] == nullptr)
      by_piece[piece] = TableAt(*context.view, *codes, group, times[piece], otherwise);
    grouping.tables.push_back(by_piece[piece]);
  }
  grouping.group_count =
      static_cast<uint32_t>(context.view->region_groups()[group].regions.size()) + 1;
  return grouping;
}

}  // namespace

absl::StatusOr<Integration> MeasureIntegration(const StatisticContext& context, Query query,
                                               std::string_view to, Ordinal group) {
  query.measures = {{.name = "gross", .column = "gross"}};
  TM_ASSIGN_OR_RETURN(const Plan plan, PlanQuery(context, query));
  Integration integration;
  if (!plan.has_effects) return integration;
  TM_ASSIGN_OR_RETURN(EnginePlan engine_plan, MakeEnginePlan(plan, *context.store));
  EngineQuery& asked = engine_plan.query;
  asked.stop = context.stop;
  const int64_t start_us = asked.slices.front().start_us, end_us = asked.slices.back().end_us;
  const std::vector<int64_t> cuts = MembershipChanges(*context.view, {group}, start_us, end_us);
  TM_ASSIGN_OR_RETURN(const std::vector<size_t> pieces, CutMappings(cuts, &asked));
  // times[piece] lies in it.
  std::vector<int64_t> times = {start_us};
  times.insert(times.end(), cuts.begin(), cuts.end());
  asked.groupings.push_back(
      MemberGrouping(context, "consumer_region", group, pieces, times, kDropped));
  asked.groupings.push_back(MemberGrouping(context, to, group, pieces, times, kNoMember));
  TM_ASSIGN_OR_RETURN(const EngineResult result, AskStore(plan, engine_plan, *context.store));
  for (size_t cell = 0; cell < result.period.size(); ++cell) {
    GroupConsumption& sums = integration.of_period[NameOfPeriod(plan, result.period[cell])];
    const int64_t gross = result.aggregates[0][cell];
    const uint32_t from = result.groups[0][cell], served = result.groups[1][cell];
    sums.total += gross;
    if (served == from) {
      sums.own += gross;
    } else if (served != kNoMember) {
      sums.within += gross;
    }
  }
  integration.effects_scanned = result.effects_scanned;
  return integration;
}

}  // namespace tidemark::analytics
