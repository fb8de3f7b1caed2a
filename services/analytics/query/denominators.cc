#include "services/analytics/query/denominators.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "services/analytics/query/boundaries.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::Ordinal;

std::string NameOf(const CatalogView& view, const OfficialPlace& place) {
  return place.is_group ? absl::StrCat("regionGroups/", view.region_groups()[place.ordinal].id)
                        : absl::StrCat("regions/", view.regions()[place.ordinal].id);
}

// Why a sum with these parts has no value.
NullReason WorstOf(NullReason a, NullReason b) {
  const auto rank = [](NullReason null) {
    return null == NullReason::kNone             ? 0
           : null == NullReason::kPeriodMismatch ? 1
           : null == NullReason::kNoWeight       ? 2
                                                 : 3;
  };
  return rank(a) < rank(b) ? b : a;
}

// `share` of `one` more.
void Add(const Denominator& one, const base::Rational& share, Denominator* sum) {
  sum->null = WorstOf(one.null, sum->null);
  if (!sum->found()) return;
  sum->value += one.value * share;
  sum->figures.insert(sum->figures.end(), one.figures.begin(), one.figures.end());
  sum->carried = sum->carried || one.carried;
  sum->weighed = sum->weighed || one.weighed || share < base::Rational(1);
}

Denominator OrNull(Denominator sum) {
  if (sum.found()) return sum;
  return {.null = sum.null};
}

int64_t LastMomentOf(const Calendar& calendar, const DaySpan& days) {
  return calendar.StartOfDay(days.end) - 1;
}

// The year so many years before that of the days' last.
DaySpan YearBefore(const DaySpan& days, int64_t years) {
  const absl::CivilDay epoch(1970, 1, 1);
  const int64_t year = (epoch + (days.end - 1)).year() - years;
  return {absl::CivilDay(year, 1, 1) - epoch, absl::CivilDay(year + 1, 1, 1) - epoch};
}

class Regions {
 public:
  Regions(Crosswalk& crosswalk, const Calendar& calendar, const Denominators& denominators,
          std::optional<int64_t> fixed_us)
      : crosswalk_(crosswalk),
        calendar_(calendar),
        denominators_(denominators),
        fixed_us_(fixed_us) {}

  Denominator Find(Ordinal region, const DaySpan& days) {
    if (days.empty()) return Stated(region, days);
    const int64_t moment_us = fixed_us_.value_or(LastMomentOf(calendar_, days));
    if (!fixed_us_) {
      Denominator own = Stated(region, days);
      const bool may_carry = denominators_.kind() == FigureKind::kPersons;
      if ((own.found() && !own.carried) || !may_carry || crosswalk_.IsReplaced(region, moment_us))
        return own;
    }
    if (denominators_.kind() != FigureKind::kPersons) return At(region, days, moment_us);
    for (int64_t back = 0;; ++back) {
      const DaySpan year = YearBefore(days, back);
      if (year.end <= denominators_.first_day()) return {};
      Denominator found = At(region, year, moment_us);
      if (found.null == NullReason::kNoDenominator) continue;
      found.carried = back != 0 && found.found();
      return found;
    }
  }

 private:
  Denominator Stated(Ordinal region, const DaySpan& days) const {
    return denominators_.Stated(NameOf(crosswalk_.view(), {region}), days);
  }

  // Of the very year, or the very days.
  Denominator Exactly(Ordinal region, const DaySpan& days) const {
    Denominator stated = Stated(region, days);
    return stated.carried ? Denominator() : stated;
  }

  Denominator At(Ordinal region, const DaySpan& days, int64_t moment_us) {
    const FigureParts& parts =
        crosswalk_.PartsOf(region, denominators_.kind(), LastMomentOf(calendar_, days), moment_us);
    if (parts.is_new) {
      Denominator own = Exactly(parts.region, days);
      if (own.found()) return own;
    }
    Denominator sum{.null = NullReason::kNone};
    for (const FigurePart& part : parts.parts) Add(Exactly(part.region, days), part.share, &sum);
    if (sum.found() && parts.of != FigureParts::Of::kParts) sum.null = NullReason::kNoWeight;
    return OrNull(std::move(sum));
  }

  Crosswalk& crosswalk_;
  const Calendar& calendar_;
  const Denominators& denominators_;
  const std::optional<int64_t> fixed_us_;
};

Denominator SumOverMembers(Regions& regions, const std::vector<Ordinal>& members,
                           const DaySpan& days) {
  if (members.empty()) return {};
  Denominator sum{.null = NullReason::kNone};
  for (const Ordinal member : members) Add(regions.Find(member, days), base::Rational(1), &sum);
  return OrNull(std::move(sum));
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
  const Boundaries boundaries(view, fixed_us);
  std::vector<Ordinal> all;
  for (const Ordinal member : view.GroupRegionsAt(
           place.ordinal, boundaries.MembersAt(calendar.StartOfDay(days.end - 1)))) {
    all.push_back(boundaries.Of(member));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<Ordinal> members;
  for (const Ordinal member : all) {
    Ordinal above = boundaries.Above(member);
    while (above != catalog_client::kNone && !std::binary_search(all.begin(), all.end(), above))
      above = boundaries.Above(above);
    if (above == catalog_client::kNone) members.push_back(member);
  }
  return members;
}

Denominator FindDenominator(Crosswalk* crosswalk, const Calendar& calendar,
                            const Denominators& denominators, const OfficialPlace& place,
                            const DaySpan& days, std::optional<int64_t> fixed_us) {
  if (place.ordinal == catalog_client::kNone) return {};
  Regions regions(*crosswalk, calendar, denominators, fixed_us);
  if (!place.is_group) return regions.Find(place.ordinal, days);
  Denominator own = denominators.Stated(NameOf(crosswalk->view(), place), days);
  if (own.found() && !own.carried) return own;
  Denominator sum =
      SumOverMembers(regions, MembersOf(crosswalk->view(), calendar, place, days, fixed_us), days);
  if (sum.found() && (!sum.carried || !own.found())) return sum;
  if (own.found()) return own;
  // What is stated of the group, if only of other periods, tells more than that a member has none.
  return own.null == NullReason::kPeriodMismatch ? own : sum;
}

}  // namespace tidemark::analytics
