#include "services/analytics/statistics/divide/group_populations.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/base/rational.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/denominators.h"
#include "services/analytics/query/per_head.h"
#include "services/analytics/statistics/denominators/stated_denominators.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::Ordinal;
using Codes = std::vector<std::string>;

constexpr std::string_view kRegionPrefix = "regions/";
constexpr std::string_view kPlace = "consumer_region";

// The nearest whole number; a half is one more.
int64_t Whole(const base::Rational& value) {
  const base::Rational half = base::Rational(1) / base::Rational(2);
  auto whole = static_cast<int64_t>(std::floor(value.ToDouble()));
  // What was lost on the way through a double.
  while (value < base::Rational(whole) - half) --whole;
  while (!(value < base::Rational(whole) + half)) ++whole;
  return whole;
}

bool Keeps(const PlannedFilter& filter, const std::string& code) {
  const bool named =
      std::find(filter.codes.begin(), filter.codes.end(), code) != filter.codes.end();
  return named != filter.exclude;
}

class CatalogPopulations final : public GroupPopulations {
 public:
  CatalogPopulations(const StatisticContext& context, Plan plan)
      : calendar_(context.calendar), plan_(std::move(plan)) {}

  // Position of the dimension that is the place, -1: it is `place`.
  absl::Status Read(const StatisticContext& context, const DenominatorKind& kind, int dimension,
                    const OfficialPlace& place) {
    dimension_ = dimension;
    TM_ASSIGN_OR_RETURN(
        const std::vector<ServingSeries> all,
        ListServing(*context.catalog, context.snapshot.catalog_version, kind, context.currency()));
    std::map<Codes, std::vector<ServingSeries>> by_codes;
    std::vector<ServingSeries> used;
    for (const ServingSeries& series : all) {
      const std::optional<Codes> codes = CodesOf(series);
      if (!codes) continue;
      by_codes[*codes].push_back(series);
      used.push_back(series);
    }
    TM_ASSIGN_OR_RETURN(const CatalogReader::Observations figures,
                        ListFigures(*context.catalog, context.snapshot.catalog_version, used));
    for (const auto& [codes, series] : by_codes) {
      Part& part = parts_.emplace_back();
      part.codes = codes;
      part.denominators = MakePopulations(series, kind, figures);
      part.places =
          dimension_ < 0 ? std::vector<OfficialPlace>{place} : AtLevel(*part.denominators);
    }
    return absl::OkStatus();
  }

  GroupSizes At(const DaySpan& days) const override {
    GroupSizes at;
    Crosswalk crosswalk(*plan_.view);
    for (const Part& part : parts_) {
      for (const OfficialPlace& place : part.places) {
        if (!IsKept(place, days)) continue;
        const Denominator of =
            FindDenominator(&crosswalk, *plan_.calendar, *part.denominators, place, days);
        if (!of.found()) continue;
        const int64_t persons = Whole(of.value);
        if (persons <= 0) continue;
        at.sizes[GroupOf(part, place)] = {persons, of.carried, of.qualified(), of.weighed};
        at.figures.insert(at.figures.end(), of.figures.begin(), of.figures.end());
      }
    }
    return at;
  }

  bool Has(const Codes& codes) const override {
    return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
      return std::any_of(part.places.begin(), part.places.end(),
                         [&](const OfficialPlace& place) { return GroupOf(part, place) == codes; });
    });
  }

 private:
  // What one combination of slices states.
  struct Part {
    // One per dimension; empty for the place.
    Codes codes;
    std::unique_ptr<const Denominators> denominators;
    std::vector<OfficialPlace> places;
  };

  // Of a series whose slices are the dimensions, and which the filters keep.
  std::optional<Codes> CodesOf(const ServingSeries& series) const {
    Codes codes(plan_.dimensions.size());
    if (series.slices.size() != codes.size() - (dimension_ < 0 ? 0 : 1)) return std::nullopt;
    for (size_t d = 0; d < codes.size(); ++d) {
      if (static_cast<int>(d) == dimension_) continue;
      const std::string_view name = plan_.dimensions[d].word->name;
      const auto slice = std::find_if(series.slices.begin(), series.slices.end(),
                                      [name](const auto& one) { return one.first == name; });
      if (slice == series.slices.end()) return std::nullopt;
      for (const PlannedFilter& filter : plan_.filters) {
        if (filter.word != plan_.dimensions[d].word) continue;
        if (!Keeps(filter, slice->second)) return std::nullopt;
      }
      codes[d] = slice->second;
    }
    return codes;
  }

  std::vector<OfficialPlace> AtLevel(const Denominators& denominators) const {
    const int level = plan_.dimensions[static_cast<size_t>(dimension_)].level;
    std::vector<OfficialPlace> places;
    for (const std::string_view name : denominators.Places()) {
      if (!name.starts_with(kRegionPrefix)) continue;
      const auto* const region = plan_.view->regions().Find(name.substr(kRegionPrefix.size()));
      if (region == nullptr ||
          plan_.view->RegionAtLevel(region->ordinal, RegionLevelAt(level)) != region->ordinal) {
        continue;
      }
      places.push_back({region->ordinal});
    }
    return places;
  }

  Codes GroupOf(const Part& part, const OfficialPlace& place) const {
    Codes codes = part.codes;
    if (dimension_ >= 0)
      codes[static_cast<size_t>(dimension_)] = plan_.view->regions()[place.ordinal].id;
    return codes;
  }

  bool IsKept(const OfficialPlace& place, const DaySpan& days) const {
    if (!IsToldOf(plan_, place, days)) return false;
    if (dimension_ < 0) return true;
    const DimensionWord* const word = plan_.dimensions[static_cast<size_t>(dimension_)].word;
    for (size_t f = 0; f < plan_.own_filters; ++f) {
      const PlannedFilter& filter = plan_.filters[f];
      if (filter.word == word && IsWithin(plan_, filter, place, days) == filter.exclude)
        return false;
    }
    return true;
  }

  // Keeps the plan's.
  const std::shared_ptr<const Calendar> calendar_;
  const Plan plan_;
  int dimension_ = -1;
  std::vector<Part> parts_;
};

// The place that all groups are of.
absl::StatusOr<OfficialPlace> OnePlace(const StatisticContext& context, const Plan& plan) {
  const auto of_filter = [](const PlannedFilter& filter) -> OfficialPlace {
    if (filter.roots.size() == 1) return {filter.roots.front()};
    return {filter.groups.front(), /*is_group=*/true};
  };
  const PlannedFilter* scope = nullptr;
  for (size_t f = 0; f < plan.filters.size(); ++f) {
    const PlannedFilter& filter = plan.filters[f];
    if (filter.exclude || filter.word == nullptr || filter.word->name != kPlace) continue;
    const bool one = filter.roots.size() + filter.groups.size() == 1 && !filter.unknown;
    if (f >= plan.own_filters) {
      if (one) scope = &filter;
      continue;
    }
    if (one) return of_filter(filter);
    return status::InvalidArgument(
        absl::StrCat("filters[", f, "]"),
        "keeps more than one region or group, so the catalog's populations cannot be chosen; keep "
        "one, add the dimension consumer_region, or state populations",
        "PLACE_AMBIGUOUS");
  }
  if (scope != nullptr) return of_filter(*scope);
  const auto roots = context.view->RegionChildren(catalog_client::kNone);
  if (roots.size() == 1) return OfficialPlace{roots.front()};
  return status::InvalidArgument(
      "filters",
      absl::StrCat("the observatory has ", roots.size(),
                   " regions without parent, so the catalog's populations cannot be chosen; add a "
                   "filter that keeps one consumer_region, or the dimension consumer_region"),
      "PLACE_AMBIGUOUS");
}

}  // namespace

absl::StatusOr<std::shared_ptr<const GroupPopulations>> ReadPopulations(
    const StatisticContext& context, const Query& query, const DenominatorKind& kind) {
  Query groups = query;
  groups.measures = {{.name = "gross", .column = "gross"}};
  TM_ASSIGN_OR_RETURN(Plan plan, PlanQuery(context, groups));
  int dimension = -1;
  OfficialPlace place;
  for (size_t d = 0; d < plan.dimensions.size(); ++d) {
    if (plan.dimensions[d].word->name != kPlace) continue;
    dimension = static_cast<int>(d);
    if (plan.dimensions[d].level != 0) continue;
    return status::InvalidArgument(
        absl::StrCat("dimensions[", d, "].level"),
        "missing; populations of the catalog are of one level, such as city", "LEVEL_MISSING");
  }
  if (dimension < 0) {
    TM_ASSIGN_OR_RETURN(place, OnePlace(context, plan));
  }
  auto populations = std::make_shared<CatalogPopulations>(context, std::move(plan));
  TM_RETURN_IF_ERROR(populations->Read(context, kind, dimension, place));
  return populations;
}

}  // namespace tidemark::analytics
