#include "services/analytics/statistics/indicator/denominators.h"

#include <algorithm>
#include <optional>

#include "common/status/status_macros.h"
#include "services/analytics/statistics/denominators/load_denominators.h"
#include "services/analytics/statistics/indicator/named_periods.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// Of SDMX's letters.
ValueStatus StatusOfLetter(char letter) {
  switch (letter) {
    case 'A':
      return ValueStatus::kNormal;
    case 'R':
      return ValueStatus::kRevised;
    case 'P':
      return ValueStatus::kProvisional;
    default:
      return ValueStatus::kEstimated;
  }
}

}  // namespace

NodeDenominators::Kind NodeDenominators::KindOf(const pb::PopulationBasis& basis) {
  const int kind =
      basis.kind() == pb::POPULATION_KIND_UNSPECIFIED ? pb::POPULATION_KIND_RESIDENT : basis.kind();
  const int time =
      basis.time() == pb::POPULATION_TIME_UNSPECIFIED ? pb::POPULATION_TIME_MID_YEAR : basis.time();
  return {pb::DENOMINATOR_ROLE_POPULATION, kind, time};
}

absl::Status NodeDenominators::Want(const Kind& kind) {
  if (read_.contains(kind)) return absl::OkStatus();
  const auto [role, people, time] = kind;
  DenominatorKind asked{.role = static_cast<pb::DenominatorRole>(role)};
  if (asked.role == pb::DENOMINATOR_ROLE_POPULATION) {
    asked.people = static_cast<pb::PopulationKind>(people);
    asked.time = static_cast<pb::PopulationTime>(time);
  }
  TM_ASSIGN_OR_RETURN(read_[kind],
                      ReadDenominators(*context_.catalog, context_.snapshot.catalog_version, asked,
                                       context_.currency()));
  return absl::OkStatus();
}

absl::Status NodeDenominators::WantPopulation(const pb::PopulationBasis& basis) {
  return Want(KindOf(basis));
}

absl::Status NodeDenominators::WantGdp() { return Want(GdpKind()); }

NodeValue NodeDenominators::Find(const Kind& kind, const Place& place, const Period& period,
                                 int64_t moment_us) {
  const Days days = DaysOf(*context_.calendar, period);
  const auto fixed_us = moment_us == kAtEvent ? std::nullopt : std::optional(moment_us);
  const Denominator found =
      FindDenominator(&crosswalk_, *context_.calendar, *read_.at(kind),
                      {place.ordinal, place.is_group}, {days.first, days.end}, fixed_us);
  NodeValue value;
  value.null = found.null;
  if (!found.found()) return value;
  value.value = found.value;
  if (found.carried) value.flags |= kCarriedFlag;
  if (found.qualified()) value.flags |= kQualifiedFlag;
  if (found.weighed) {
    value.flags |= kCrosswalkFlag;
    value.status = ValueStatus::kEstimated;
  }
  for (const OfficialFigure& figure : found.figures) {
    if (figure.break_before) value.flags |= kBreakFlag;
    value.status = std::max(value.status, StatusOfLetter(figure.status));
    value.sources.push_back(figures_.SourceOf(figure.series, figure.vintage));
  }
  std::sort(value.sources.begin(), value.sources.end());
  value.sources.erase(std::unique(value.sources.begin(), value.sources.end()), value.sources.end());
  return value;
}

NodeValue NodeDenominators::Population(const pb::PopulationBasis& basis, const Place& place,
                                       const Period& period, int64_t moment_us) {
  return Find(KindOf(basis), place, period, moment_us);
}

NodeValue NodeDenominators::Gdp(const Place& place, const Period& period, int64_t moment_us) {
  return Find(GdpKind(), place, period, moment_us);
}

}  // namespace tidemark::analytics
