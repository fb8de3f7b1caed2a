#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/plan_words.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMaxPerCapita = 8;

bool IsPlace(const DimensionWord* word) {
  return word != nullptr && word->codes == CodeKind::kRegions;
}

absl::Status Ambiguous(std::string_view field, std::string_view what) {
  return status::InvalidArgument(
      field,
      absl::StrCat(what, ", so nobody can say whose population or GDP is meant; keep one of them"),
      "PLACE_AMBIGUOUS");
}

// The query's one place: a dimension, or what one filter keeps. `field`: of what needs it.
absl::StatusOr<PlannedPlace> FindPlace(const Query& query, const Plan& plan,
                                       std::string_view field) {
  PlannedPlace place;
  for (size_t d = 0; d < plan.dimensions.size(); ++d) {
    if (!IsPlace(plan.dimensions[d].word)) continue;
    if (place.dimension >= 0) return Ambiguous(field, "the query has several dimensions of places");
    place.dimension = static_cast<int>(d);
  }
  if (place.dimension >= 0) return place;
  for (size_t f = 0; f < query.filters.size(); ++f) {
    const Query::Filter& filter = query.filters[f];
    if (filter.exclude || !IsPlace(FindDimension(filter.dimension))) continue;
    if (place.filter >= 0) return Ambiguous(field, "several filters keep places");
    if (filter.codes.size() != 1 || filter.unknown)
      return Ambiguous(field, "the filter keeps more than one place");
    place.filter = static_cast<int>(f);
  }
  if (place.filter >= 0) return place;
  return status::InvalidArgument(
      field,
      "needs a place: add a dimension such as consumer_region, or a filter that keeps one region "
      "or group",
      "PLACE_MISSING");
}

absl::StatusOr<PlannedPerHead> PlanPerCapita(const Query::PerCapita& per_capita,
                                             std::string_view item, const Plan& plan) {
  PlannedPerHead planned{
      .people = per_capita.people, .time = per_capita.time, .column = per_capita.column};
  const std::string field = absl::StrCat(item, ".measure");
  TM_ASSIGN_OR_RETURN(planned.measure, FindMeasured(plan, field, per_capita.measure));
  const MeasureWord& word = *plan.measures[static_cast<size_t>(planned.measure)].word;
  if (!word.additive && word.measure != Measure::kConsumers) {
    return status::InvalidArgument(field,
                                   absl::StrCat("`", per_capita.measure,
                                                "` has no value per head; want a measure that adds "
                                                "up, or consumers"),
                                   "NOT_PER_CAPITA");
  }
  if (planned.people == PopulationKind::kUnknown || planned.time == PopulationTime::kUnknown) {
    return status::InvalidArgument(
        absl::StrCat(item, ".population"),
        "this release does not know it; want RESIDENT or REGISTERED, and MID_YEAR or YEAR_END",
        "UNKNOWN_POPULATION");
  }
  return planned;
}

absl::StatusOr<PlannedPerHead> PlanRatioToGdp(const Query::RatioToGdp& ratio, std::string_view item,
                                              const Plan& plan) {
  PlannedPerHead planned{.by_population = false, .column = ratio.column};
  TM_ASSIGN_OR_RETURN(planned.measure, FindMeasured(plan, item, ratio.measure));
  const MeasureWord& word = *plan.measures[static_cast<size_t>(planned.measure)].word;
  if (word.additive && word.unit == Unit::kMoney) return planned;
  return status::InvalidArgument(
      item,
      absl::StrCat("`", ratio.measure,
                   "` is no sum of money, so it has no ratio to GDP; want one such as net"),
      "NOT_MONEY");
}

// Whether rows of the dimension are of parts of a population: it tells who consumes.
bool SplitsPeople(const DimensionWord& word) {
  switch (word.field) {
    case Field::kSegment:
    case Field::kAgeBand:
    case Field::kAreaType:
    case Field::kIncomeBand:
      return true;
    default:
      return false;
  }
}

// Each row has what a part of the people consumed, and the population of all.
void NoteWholePopulation(Plan* plan) {
  const bool per_capita =
      std::any_of(plan->per_head.begin(), plan->per_head.end(),
                  [](const PlannedPerHead& per_head) { return per_head.by_population; });
  std::vector<std::string_view> split, of_divide;
  for (const PlannedDimension& dimension : plan->dimensions) {
    if (!SplitsPeople(*dimension.word)) continue;
    split.push_back(dimension.word->name);
    if (dimension.word->field != Field::kSegment) of_divide.push_back(dimension.word->name);
  }
  if (!per_capita || split.empty()) return;
  std::string message = absl::StrCat(
      "per_capita divides each row by the whole population of its place, not by the people of its ",
      absl::StrJoin(split, " and "));
  if (!of_divide.empty()) {
    absl::StrAppend(&message, "; `divide --by '", absl::StrJoin(of_divide, ", "),
                    "'` has figures per head of each group");
  }
  plan->notes.push_back({"POPULATION_WHOLE", std::move(message)});
}

}  // namespace

absl::Status PlanPerHead(const Query& query, Plan* plan) {
  if (query.per_capita.size() > kMaxPerCapita) {
    return status::InvalidArgument(
        "query.per_capita",
        absl::StrCat(query.per_capita.size(), " entries; want at most ", kMaxPerCapita),
        "TOO_MANY");
  }
  std::set<std::string_view> seen;
  const auto add = [&](const std::string& item, const std::string& column,
                       absl::StatusOr<PlannedPerHead> planned) {
    if (!planned.ok()) return planned.status();
    if (!seen.insert(column).second) {
      return status::InvalidArgument(
          item, absl::StrCat("`", column, "` is there twice; leave one out"), "DUPLICATE");
    }
    if (plan->per_head.empty()) {
      absl::StatusOr<PlannedPlace> place = FindPlace(query, *plan, item);
      if (!place.ok()) return place.status();
      plan->place = *place;
    }
    plan->per_head.push_back(*std::move(planned));
    return absl::OkStatus();
  };
  for (size_t i = 0; i < query.per_capita.size(); ++i) {
    const std::string item = absl::StrCat("query.per_capita[", i, "]");
    TM_RETURN_IF_ERROR(
        add(item, query.per_capita[i].column, PlanPerCapita(query.per_capita[i], item, *plan)));
  }
  for (size_t i = 0; i < query.ratios_to_gdp.size(); ++i) {
    const std::string item = absl::StrCat("query.ratio_to_gdp[", i, "]");
    TM_RETURN_IF_ERROR(add(item, query.ratios_to_gdp[i].column,
                           PlanRatioToGdp(query.ratios_to_gdp[i], item, *plan)));
  }
  NoteWholePopulation(plan);
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
