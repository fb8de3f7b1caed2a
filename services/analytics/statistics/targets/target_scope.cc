#include "services/analytics/statistics/targets/target_scope.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "clients/cpp/catalog/resource_name.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::EntityType;
using catalog_client::Ordinal;

std::optional<catalog_client::ResourceName> PlaceName(const CatalogView& view,
                                                      std::string_view place) {
  const auto name = catalog_client::ParseResourceName(place);
  if (!name) return std::nullopt;
  const bool is_place = name->type == EntityType::kRegion || name->type == EntityType::kRegionGroup;
  if (!is_place || view.FindEntity(name->type, name->id) == nullptr) return std::nullopt;
  return name;
}

std::vector<Ordinal> RegionsOf(const CatalogView& view, const catalog_client::ResourceName& place) {
  if (place.type == EntityType::kRegion) return {view.regions().Find(place.id)->ordinal};
  std::vector<Ordinal> regions;
  for (const auto& member : view.region_groups().Find(place.id)->regions)
    regions.push_back(member.region);
  return regions;
}

}  // namespace

bool HasPlace(const CatalogView& view, std::string_view place) {
  return PlaceName(view, place).has_value();
}

bool LiesIn(const CatalogView& view, std::string_view place, std::string_view scope,
            int64_t time_us) {
  const auto inner = PlaceName(view, place), outer = PlaceName(view, scope);
  if (!inner || !outer) return false;
  if (place == scope) return true;
  std::vector<Ordinal> allowed;
  if (outer->type == EntityType::kRegion) {
    allowed = RegionsOf(view, *outer);
  } else {
    allowed = view.GroupRegionsAt(view.region_groups().Find(outer->id)->ordinal, time_us);
  }
  const std::vector<Ordinal> regions = RegionsOf(view, *inner);
  return !regions.empty() && std::all_of(regions.begin(), regions.end(), [&](Ordinal region) {
    return std::any_of(allowed.begin(), allowed.end(),
                       [&](Ordinal ancestor) { return view.RegionIsWithin(region, ancestor); });
  });
}

}  // namespace tidemark::analytics
