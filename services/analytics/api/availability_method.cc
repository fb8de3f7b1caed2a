#include <utility>

#include "common/status/error.h"
#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/place_dimension.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/statistic_question.h"
#include "services/analytics/statistics/availability.h"
#include "tidemark/analytics/v1/statistics_service.pb.h"

namespace tidemark::analytics {
namespace {

absl::StatusOr<Query> MakeQuery(const v1::GetAvailabilityRequest& request) {
  TM_ASSIGN_OR_RETURN(Query query, QueryOf(request));
  if (request.grain() == v1::GRAIN_UNSPECIFIED) query.grain = Grain::kMonth;
  if (query.grain == Grain::kAll) {
    return status::InvalidArgument("grain", "want periods with names, such as MONTH or YEAR",
                                   "UNKNOWN_GRAIN");
  }
  TM_ASSIGN_OR_RETURN(const v1::Dimension place, PlaceOf(request.place()));
  query.dimensions = {{place.name(), place.level()}};
  return query;
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
