#include "services/analytics/query/denominators.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::Ordinal;

std::string NameOf(const CatalogView& view, const OfficialPlace& place) {
  return place.is_group ? absl::StrCat("regionGroups/", view.region_groups()[place.ordinal].id)
                        : absl::StrCat("regions/", view.regions()[place.ordinal].id);
}

// Why a sum with these members has no value.
NullReason WorstOf(NullReason a, NullReason b) {
  return a == NullReason::kNoDenominator || b == NullReason::kNone ? a : b;
}

Denominator SumOverMembers(const CatalogView& view, const Denominators& denominators,
                           const std::vector<Ordinal>& members, const DaySpan& days) {
  if (members.empty()) return {};
  Denominator sum{.null = NullReason::kNone};
  for (const Ordinal member : members) {
    Denominator one = denominators.Stated(NameOf(view, {member}), days);
    sum.null = WorstOf(one.null, sum.null);
    if (!sum.found()) continue;
    sum.value += one.value;
    sum.figures.insert(sum.figures.end(), one.figures.begin(), one.figures.end());
    sum.carried = sum.carried || one.carried;
  }
  if (sum.found()) return sum;
  return {.null = sum.null};
}

}  // namespace

bool Denominator::qualified() const {
  return std::any_of(figures.begin(), figures.end(),
                     [](const OfficialFigure& figure) { return figure.qualified; });
}

std::vector<Ordinal> MembersOf(const CatalogView& view, const Calendar& calendar,
                               const OfficialPlace& place, const DaySpan& days,
                               std::optional<int64_t> fixed_us) {
  if (!place.is_group) return {place.ordinal};
  const std::vector<Ordinal> all =
      view.GroupRegionsAt(place.ordinal, fixed_us ? *fixed_us : calendar.StartOfDay(days.end - 1));
  std::vector<Ordinal> members;
  for (const Ordinal member : all) {
    const std::vector<Ordinal> above = view.RegionAncestors(member);
    const bool inside = std::any_of(above.begin(), above.end(), [&](Ordinal ancestor) {
      return std::binary_search(all.begin(), all.end(), ancestor);
    });
    if (!inside) members.push_back(member);
  }
  return members;
}

Denominator FindDenominator(const CatalogView& view, const Calendar& calendar,
                            const Denominators& denominators, const OfficialPlace& place,
                            const DaySpan& days, std::optional<int64_t> fixed_us) {
  if (place.ordinal == catalog_client::kNone) return {};
  Denominator own = denominators.Stated(NameOf(view, place), days);
  if (!place.is_group || (own.found() && !own.carried)) return own;
  Denominator sum =
      SumOverMembers(view, denominators, MembersOf(view, calendar, place, days, fixed_us), days);
  if (sum.found() && (!sum.carried || !own.found())) return sum;
  if (own.found()) return own;
  // What is stated of the group, if only of other periods, tells more than that a member has none.
  return own.null == NullReason::kPeriodMismatch ? own : sum;
}

}  // namespace tidemark::analytics
