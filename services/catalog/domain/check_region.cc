#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"

namespace tidemark::catalog {

void CheckRegion(const Region& region, Report& report) {
  const int level = static_cast<int>(region.level);
  if (level < 1 || level > 7) {
    report.AddTyped("level", absl::StrCat(level,
                                          ", want REGION_LEVEL_WORLD, _SUPRANATIONAL, _NATION, "
                                          "_PROVINCE, _CITY, _COUNTY or _TOWNSHIP"));
  }
  CheckValidity(region.valid, "valid", report);
  CheckAliases(region.aliases, report);
}

}  // namespace tidemark::catalog
