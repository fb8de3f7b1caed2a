#include "services/analytics/query/boundaries.h"

namespace tidemark::analytics {

using catalog_client::kNone;
using catalog_client::Ordinal;

Ordinal Boundaries::Find(CodeKind kind, std::string_view code) const {
  if (kind == CodeKind::kRegions) {
    const auto* region = view_.regions().Find(code);
    return region == nullptr ? kNone : Of(region->ordinal);
  }
  const auto* category = view_.categories().Find(code);
  return category == nullptr ? kNone : category->ordinal;
}

Ordinal Boundaries::Of(Ordinal region) const {
  // The catalog has no cycles of successors.
  while (fixed_us_ && region != kNone) {
    const catalog_client::Region& at = view_.regions()[region];
    if (at.whole_successor == kNone || at.succeeded_us > *fixed_us_) break;
    region = at.whole_successor;
  }
  return region;
}

Ordinal Boundaries::Above(Ordinal region) const { return Of(view_.regions()[region].parent); }

Ordinal Boundaries::AtLevel(CodeKind kind, Ordinal ordinal, int level) const {
  if (ordinal == kNone) return kNone;
  if (kind != CodeKind::kRegions) return view_.CategoryAtLevel(ordinal, level);
  return AtLevel(ordinal, RegionLevelAt(level));
}

Ordinal Boundaries::AtLevel(Ordinal region, catalog_client::RegionLevel level) const {
  if (!fixed()) return view_.RegionAtLevel(region, level);
  while (region != kNone && view_.regions()[region].level > level) region = Above(region);
  return region != kNone && level <= view_.regions()[region].lowest_level ? region : kNone;
}

}  // namespace tidemark::analytics
