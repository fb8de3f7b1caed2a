#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_DIVIDE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_DIVIDE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/divide/group_populations.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

struct DivideQuestion {
  struct Pair {
    std::string name;
    std::vector<std::string> of;
    std::vector<std::string> to;
  };
  // Dimensions, filters, range and grain.
  Query query;
  std::shared_ptr<const GroupPopulations> populations;
  // Where they come from; empty: what they say of themselves.
  std::string population_source;
  std::vector<Pair> pairs;
  // What is to be known of the populations.
  std::vector<PlanNote> notes;
  // Position of the dimension by which Theil's index is taken apart; -1: it is not.
  int decompose_by = -1;
};

// How unequal groups consume: tidemark.analytics.v1.Divide.
struct Divide {
  Table groups;
  Table indices;
  Table pairs;
  uint64_t effects_scanned = 0;
};

// Errors of AskTable; RESOURCE_EXHAUSTED (TOO_MANY_ROWS); SUM_OVERFLOW; FAILED_PRECONDITION
// (NO_DENOMINATOR): no group has a population in any period.
absl::StatusOr<Divide> ComputeDivide(const StatisticContext& context,
                                     const DivideQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_DIVIDE_H_
