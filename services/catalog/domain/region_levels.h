#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_REGION_LEVELS_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_REGION_LEVELS_H_

#include <span>
#include <string_view>

#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

struct RegionLevelName {
  RegionLevel level;
  // As in the proto, without REGION_LEVEL_.
  std::string_view name;
};

// The levels there are, from the widest.
std::span<const RegionLevelName> RegionLevels();
// Empty when there is no such level.
std::string_view NameOf(RegionLevel level);
// The last of the levels that a region has, and whether it has one.
RegionLevel LowestLevelOf(const Region& region);
bool IsOfLevel(const Region& region, RegionLevel level);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_REGION_LEVELS_H_
