#include "services/analytics/statistics/flows/nested_places.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"

namespace tidemark::analytics {

std::optional<PlanNote> NestedPlaces(const catalog_client::CatalogView& view,
                                     const std::vector<Member>& places) {
  std::set<std::string> codes;
  for (const Member& place : places) {
    if (place.kind == MemberKind::kCode) codes.insert(place.code);
  }
  for (const std::string& inner : codes) {
    const catalog_client::Region* const region = view.regions().Find(inner);
    if (region == nullptr) continue;
    for (const catalog_client::Ordinal above : view.RegionAncestors(region->ordinal)) {
      const std::string& outer = view.regions()[above].id;
      if (!codes.contains(outer)) continue;
      return PlanNote{
          "NESTED_PLACES",
          absl::StrCat("places lie in one another, such as `", inner, "` in `", outer,
                       "`, and each is a place of its own: what is spent between them counts as "
                       "outflow and inflow; ask for one level of both ends, such as city")};
    }
  }
  return std::nullopt;
}

}  // namespace tidemark::analytics
