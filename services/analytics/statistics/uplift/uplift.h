#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// By how much gross rose in some regions: tidemark.analytics.v1.Uplift.
struct UpliftQuestion {
  // The measure gross, one dimension, which is a place, the grain day, no range.
  Query query;
  std::vector<std::string> treated;
  // Empty: all others.
  std::vector<std::string> controls;
  std::vector<std::string> left_out;
  // Names of periods.
  std::string activity_first;
  std::string activity_last;
  // Both empty: the 28 days before.
  std::string before_first;
  std::string before_last;
  std::vector<std::string> holidays;
  size_t placebo_dates = 0;
};

struct Uplift {
  Table effect;
  Table placebos;
  Table regions;
  Table days;
  uint64_t effects_scanned = 0;
};

// Errors of AskCells and as in statistics_service.proto; fields of errors are the request's, those
// of the place begin with `dimensions[0]`.
absl::StatusOr<Uplift> EstimateUpliftOf(const StatisticContext& context,
                                        const UpliftQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_UPLIFT_H_
