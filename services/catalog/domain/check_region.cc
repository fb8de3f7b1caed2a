#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"
#include "services/catalog/domain/region_levels.h"

namespace tidemark::catalog {

void CheckRegion(const Region& region, Report& report) {
  if (NameOf(region.level).empty()) {
    report.AddTyped("level", absl::StrCat(static_cast<int>(region.level),
                                          ", want REGION_LEVEL_WORLD, _SUPRANATIONAL, _NATION, "
                                          "_PROVINCE, _CITY, _COUNTY or _TOWNSHIP"));
  }
  CheckValidity(region.valid, "valid", report);
  CheckAliases(region.aliases, report);
}

}  // namespace tidemark::catalog
