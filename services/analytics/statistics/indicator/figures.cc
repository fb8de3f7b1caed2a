#include "services/analytics/statistics/indicator/figures.h"

#include <algorithm>

#include "common/status/status_macros.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

constexpr size_t kPlacesPerCall = 1000;
// Days before which nothing is stated, and after which nothing is.
constexpr int64_t kFirstDay = -719'162, kEndDay = 2'932'896;  // 0001-01-01, 9999-12-31

ValueStatus StatusOf(pb::ObservationStatus status) {
  switch (status) {
    case pb::OBSERVATION_STATUS_PROVISIONAL:
      return ValueStatus::kProvisional;
    case pb::OBSERVATION_STATUS_REVISED:
      return ValueStatus::kRevised;
    case pb::OBSERVATION_STATUS_ESTIMATED:
    case pb::OBSERVATION_STATUS_FORECAST:
    case pb::OBSERVATION_STATUS_IMPUTED:
    case pb::OBSERVATION_STATUS_LOW_RELIABILITY:
      return ValueStatus::kEstimated;
    default:
      return ValueStatus::kNormal;
  }
}

}  // namespace

NodeValue ValueOfFigure(const pb::Observation& observation) {
  NodeValue value;
  value.status = StatusOf(observation.status());
  if (observation.qualifier() != pb::QUALIFIER_UNSPECIFIED &&
      observation.qualifier() != pb::QUALIFIER_EXACT)
    value.flags |= kQualifiedFlag;
  if (observation.break_before()) value.flags |= kBreakFlag;
  if (observation.has_value()) {
    value.value = PublishedValue(observation) * ScaleOf(observation.unit());
  } else if (observation.status() == pb::OBSERVATION_STATUS_SUPPRESSED) {
    value.SetNull(NullReason::kSuppressed);
  } else {
    value.SetNull(NullReason::kNoData, /*is_unknown=*/true);
  }
  return value;
}

void Figures::Want(const std::string& series, const std::string& place, const Days& days,
                   bool carried) {
  Wanted& wanted = wanted_[series];
  wanted.places.insert(place);
  wanted.first = std::min(wanted.first, carried ? kFirstDay : days.first);
  wanted.end = std::max(wanted.end, days.end);
}

absl::Status Figures::Read() {
  for (const auto& [series, wanted] : wanted_) TM_RETURN_IF_ERROR(ReadSeries(series, wanted));
  wanted_.clear();
  return absl::OkStatus();
}

absl::Status Figures::ReadSeries(const std::string& series, const Wanted& wanted) {
  pb::ObservationFilter filter;
  filter.add_series(series);
  if (wanted.first > kFirstDay) *filter.mutable_first() = DayPeriod(wanted.first);
  if (wanted.end < kEndDay) *filter.mutable_last() = DayPeriod(wanted.end - 1);
  for (auto place = wanted.places.begin(); place != wanted.places.end();) {
    if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
    filter.clear_regions();
    for (size_t i = 0; i < kPlacesPerCall && place != wanted.places.end(); ++i, ++place)
      filter.add_regions(*place);
    TM_ASSIGN_OR_RETURN(auto observations, context_.catalog->ListObservations(
                                               filter, context_.snapshot.catalog_version));
    for (const pb::Observation& observation : *observations) {
      figures_[{observation.series(), observation.region()}][DaysOf(observation.period())] =
          &observation;
    }
    read_.push_back(std::move(observations));
  }
  return absl::OkStatus();
}

uint32_t Figures::SourceOf(const std::string& series, const std::string& vintage) {
  const auto [it, fresh] = source_numbers_.try_emplace(SeriesAndPlace(series, vintage),
                                                       static_cast<uint32_t>(sources_.size()));
  if (fresh) sources_.push_back({series, vintage});
  return it->second;
}

std::optional<NodeValue> Figures::Find(const std::string& series, const std::string& place,
                                       const Days& days) {
  const auto of_series = figures_.find(SeriesAndPlace(series, place));
  if (of_series == figures_.end()) return std::nullopt;
  const auto figure = of_series->second.find(days);
  if (figure == of_series->second.end()) return std::nullopt;
  NodeValue value = ValueOfFigure(*figure->second);
  value.sources = {SourceOf(figure->second->series(), figure->second->vintage())};
  return value;
}

}  // namespace tidemark::analytics
