#include "services/catalog/domain/region_levels.h"

namespace tidemark::catalog {
namespace {

constexpr RegionLevelName kLevels[] = {
    {RegionLevel::kWorld, "WORLD"},       {RegionLevel::kSupranational, "SUPRANATIONAL"},
    {RegionLevel::kNation, "NATION"},     {RegionLevel::kProvince, "PROVINCE"},
    {RegionLevel::kCity, "CITY"},         {RegionLevel::kCounty, "COUNTY"},
    {RegionLevel::kTownship, "TOWNSHIP"}, {RegionLevel::kBusinessDistrict, "BUSINESS_DISTRICT"},
    {RegionLevel::kStreet, "STREET"},     {RegionLevel::kCommunity, "COMMUNITY"},
};

}  // namespace

std::span<const RegionLevelName> RegionLevels() { return kLevels; }

std::string_view NameOf(RegionLevel level) {
  for (const RegionLevelName& known : kLevels) {
    if (known.level == level) return known.name;
  }
  return "";
}

RegionLevel LowestLevelOf(const Region& region) {
  return region.lowest_level == RegionLevel::kUnspecified ? region.level : region.lowest_level;
}

bool IsOfLevel(const Region& region, RegionLevel level) {
  return region.level <= level && level <= LowestLevelOf(region);
}

}  // namespace tidemark::catalog
