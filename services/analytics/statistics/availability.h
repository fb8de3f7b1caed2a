#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_AVAILABILITY_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_AVAILABILITY_H_

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// Which places have data in which periods: tidemark.analytics.v1.GetAvailability.
struct Availability {
  // By period and place.
  Table cells;
  // By place.
  Table places;
};

// `query` has filters, range, a grain with named periods, and the place as its only dimension.
// Errors of AskTable.
absl::StatusOr<Availability> ComputeAvailability(const StatisticContext& context, Query query);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_AVAILABILITY_H_
