#ifndef TIDEMARK_SERVICES_ANALYTICS_API_PLACE_DIMENSION_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_PLACE_DIMENSION_H_

#include "absl/status/statusor.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics {

// The place that a request's field `place` asks for; without a name consumer_region.
// INVALID_ARGUMENT (UNKNOWN_DIMENSION): it is no place.
absl::StatusOr<v1::Dimension> PlaceOf(const v1::Dimension& asked);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_PLACE_DIMENSION_H_
