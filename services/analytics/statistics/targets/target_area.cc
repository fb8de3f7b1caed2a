#include "services/analytics/statistics/targets/target_area.h"

#include <map>
#include <set>
#include <vector>

#include "clients/cpp/catalog/resource_name.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::EntityType;
using catalog_client::Ordinal;

std::vector<Ordinal> RegionsAt(const CatalogView& view, std::string_view place, int64_t time_us) {
  const auto name = catalog_client::ParseResourceName(place);
  if (!name) return {};
  if (name->type == EntityType::kRegion) {
    const catalog_client::Region* const region = view.regions().Find(name->id);
    if (region != nullptr) return {region->ordinal};
  } else if (name->type == EntityType::kRegionGroup) {
    const catalog_client::RegionGroup* const group = view.region_groups().Find(name->id);
    if (group != nullptr) return view.GroupRegionsAt(group->ordinal, time_us);
  }
  return {};
}

}  // namespace

bool AreaChanges(Crosswalk* crosswalk, std::string_view place, int64_t earlier_us,
                 int64_t later_us) {
  if (later_us <= earlier_us) return false;
  // Which basis the weights have does not matter: whole things count.
  constexpr FigureKind kKind = FigureKind::kOther;
  using Area = std::map<Ordinal, base::Rational>;  // shares of regions of the earlier time
  Area before, after;
  for (const Ordinal region : RegionsAt(crosswalk->view(), place, earlier_us)) {
    const FigureParts& later = crosswalk->PartsOf(region, kKind, earlier_us, later_us);
    if (later.is_new && later.region == region) {
      for (const FigurePart& part : later.parts) before[part.region] += part.share;
    } else {
      before[crosswalk->PartsOf(region, kKind, earlier_us, earlier_us).region] = base::Rational(1);
    }
  }
  std::set<Ordinal> counted;
  for (const Ordinal region : RegionsAt(crosswalk->view(), place, later_us)) {
    const FigureParts& parts = crosswalk->PartsOf(region, kKind, earlier_us, later_us);
    if (!counted.insert(parts.region).second) continue;
    // Of a region that was not there yet it does not matter what came to it.
    const bool is_made_later = parts.is_new && parts.region == region;
    if (parts.of == FigureParts::Of::kWeightless && !is_made_later) return true;
    for (const FigurePart& part : parts.parts) after[part.region] += part.share;
  }
  return before != after;
}

}  // namespace tidemark::analytics
