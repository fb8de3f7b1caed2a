#include "services/analytics/statistics/targets/series_figures.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/targets/target_numbers.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// Places of an ObservationFilter.
constexpr int kMaxPlaces = 1'000;

}  // namespace

void SeriesFigures::Want(const pb::Target& target) {
  const pb::QuantitativeGoal& goal = target.quantitative();
  if (!goal.series().empty()) wanted_[goal.series()].insert(target.region());
}

absl::Status SeriesFigures::Read(const std::string& series) {
  std::vector<CatalogReader::Observations>& all = read_[series];
  const std::set<std::string>& places = wanted_[series];
  for (auto place = places.begin(); place != places.end();) {
    TM_RETURN_IF_ERROR(context_.stop());
    pb::ObservationFilter filter;
    filter.add_series(series);
    for (; place != places.end() && filter.regions_size() < kMaxPlaces; ++place)
      filter.add_regions(*place);
    TM_ASSIGN_OR_RETURN(
        CatalogReader::Observations some,
        context_.catalog->ListObservations(filter, context_.snapshot.catalog_version));
    for (const pb::Observation& observation : *some)
      by_place_[{series, observation.region()}].push_back(&observation);
    all.push_back(std::move(some));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Figure>> SeriesFigures::Of(std::string_view name,
                                                      const pb::Target& target) {
  const pb::QuantitativeGoal& goal = target.quantitative();
  if (!read_.contains(goal.series())) TM_RETURN_IF_ERROR(Read(goal.series()));
  std::vector<Figure> figures;
  for (const pb::Observation* const observation : by_place_[{goal.series(), target.region()}]) {
    const std::optional<base::Rational> to_goal = UnitFactor(observation->unit(), goal.unit());
    if (!to_goal) {
      return status::WithReason(
          absl::FailedPreconditionError(
              absl::StrCat(name, ": its numbers cannot be compared with those of ", goal.series(),
                           ", which are divided by something else; state both `per` the same")),
          "UNIT_MISMATCH");
    }
    if (auto figure = FigureOf(*observation, *to_goal)) figures.push_back(*std::move(figure));
  }
  return figures;
}

}  // namespace tidemark::analytics
