#include <utility>

#include "common/status/error.h"
#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/statistics/availability.h"
#include "tidemark/analytics/v1/statistics_service.pb.h"

namespace tidemark::analytics {
namespace {

absl::StatusOr<Query> MakeQuery(const v1::GetAvailabilityRequest& request) {
  v1::Query query;
  *query.mutable_filters() = request.filters();
  *query.mutable_range() = request.range();
  query.set_grain(request.grain() == v1::GRAIN_UNSPECIFIED ? v1::GRAIN_MONTH : request.grain());
  if (query.grain() == v1::GRAIN_ALL || !IsKnownGrain(query)) {
    return status::InvalidArgument("grain", "want periods with names, such as MONTH or YEAR",
                                   "UNKNOWN_GRAIN");
  }
  v1::Dimension& place = *query.add_dimensions();
  place = request.place();
  if (place.name().empty()) place.set_name("consumer_region");
  const DimensionWord* const word = FindDimension(place.name());
  if (word == nullptr || word->codes != CodeKind::kRegions) {
    return status::InvalidArgument(
        "place.name",
        absl::StrCat("`", place.name(),
                     "` is no place; want consumer_region, provider_region or place_of_use"),
        "UNKNOWN_DIMENSION");
  }
  return FromProto(query);
}

}  // namespace

absl::Status GetAvailability(const StatisticRunner& runner, const StatisticCall& call,
                             const v1::GetAvailabilityRequest& request,
                             v1::GetAvailabilityResponse* response) {
  TM_ASSIGN_OR_RETURN(Query query, MakeQuery(request));
  const absl::StatusOr<Availability> availability =
      ComputeAvailability(call.context, std::move(query));
  if (!availability.ok()) {
    return status::WithFieldPrefix(availability.status(), "dimensions[0].", "place.");
  }
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, availability->cells, "availability", response->mutable_cells()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, availability->places, "availability by place",
                                     response->mutable_places()));
  runner.WriteMeta(call, availability->cells.effects_scanned, availability->cells.row_count,
                   response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
