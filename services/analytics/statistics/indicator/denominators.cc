#include "services/analytics/statistics/indicator/denominators.h"

#include <algorithm>
#include <utility>

#include "absl/time/civil_time.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// A population older than this says nothing of today's.
constexpr int kMostYearsCarried = 120;

Days YearAt(int64_t year) {
  constexpr absl::CivilDay kEpoch(1970, 1, 1);
  return {absl::CivilDay(year, 1, 1) - kEpoch, absl::CivilDay(year + 1, 1, 1) - kEpoch};
}

}  // namespace

Denominators::Basis Denominators::BasisOf(const pb::PopulationBasis& basis) {
  const int kind = basis.kind() == pb::POPULATION_KIND_UNSPECIFIED
                       ? static_cast<int>(pb::POPULATION_KIND_RESIDENT)
                       : static_cast<int>(basis.kind());
  const int time = basis.time() == pb::POPULATION_TIME_UNSPECIFIED
                       ? static_cast<int>(pb::POPULATION_TIME_MID_YEAR)
                       : static_cast<int>(basis.time());
  return {pb::DENOMINATOR_ROLE_POPULATION, kind, time};
}

absl::Status Denominators::ReadSeries() {
  if (std::exchange(read_, true)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(
      const CatalogReader::Resources all,
      context_.catalog->List("observationSeries", "", context_.snapshot.catalog_version));
  std::map<Basis, std::vector<std::pair<uint32_t, std::string>>> found;
  for (const pb::Resource& resource : *all) {
    const pb::ObservationSeries& series = resource.observation_series();
    if (!series.has_denominator() || !series.slices().empty()) continue;
    const pb::DenominatorRole role = series.denominator().role();
    const Basis basis =
        role == pb::DENOMINATOR_ROLE_POPULATION ? BasisOf(series.population()) : Basis(role, 0, 0);
    found[basis].emplace_back(series.denominator().preference(), resource.name());
  }
  for (auto& [basis, series] : found) {
    std::sort(series.begin(), series.end());
    for (auto& [preference, name] : series) series_[basis].push_back(std::move(name));
  }
  return absl::OkStatus();
}

absl::Status Denominators::Want(const Basis& basis, const std::string& place) {
  TM_RETURN_IF_ERROR(ReadSeries());
  // Whether anything is stated at all decides what is told where nothing fits.
  for (const std::string& series : series_[basis]) figures_.WantAll(series, place);
  return absl::OkStatus();
}

absl::Status Denominators::WantPopulation(const pb::PopulationBasis& basis,
                                          const std::string& place) {
  return Want(BasisOf(basis), place);
}

absl::Status Denominators::WantGdp(const std::string& place) { return Want(GdpBasis(), place); }

NodeValue Denominators::Population(const pb::PopulationBasis& basis, const std::string& place,
                                   const Period& period) {
  const std::vector<std::string>& series = series_[BasisOf(basis)];
  const int64_t last_day = DaysOf(*context_.calendar, period).end - 1;
  const int64_t year = (absl::CivilDay(1970, 1, 1) + last_day).year();
  for (int back = 0; back <= kMostYearsCarried && back < year; ++back) {
    for (const std::string& name : series) {
      const Days of_year = YearAt(year - back);
      std::optional<NodeValue> found = figures_.Find(name, place, of_year);
      // A stock of the year's end may be stated as that of its last day.
      if (!found) found = figures_.Find(name, place, {of_year.end - 1, of_year.end});
      if (!found || found->null != NullReason::kNone) continue;
      if (back > 0) found->flags |= kCarriedFlag;
      return *std::move(found);
    }
  }
  return NodeValue::Null(NullReason::kNoDenominator);
}

NodeValue Denominators::Gdp(const std::string& place, const Period& period) {
  bool stated = false;
  for (const std::string& name : series_[GdpBasis()]) {
    std::optional<NodeValue> found = figures_.Find(name, place, DaysOf(*context_.calendar, period));
    if (found && found->null == NullReason::kNone) return *std::move(found);
    stated = stated || figures_.HasAny(name, place);
  }
  return NodeValue::Null(stated ? NullReason::kPeriodMismatch : NullReason::kNoDenominator);
}

}  // namespace tidemark::analytics
