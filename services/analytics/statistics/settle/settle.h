#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

struct SettleQuestion {
  // Filters and range only; both ends of it.
  Query query;
  // `products/...`; empty: all that state rights.
  std::vector<std::string> subjects;
  // Names; empty: all.
  std::vector<std::string> holders;
};

// As in tidemark.analytics.v1.SettleResponse.
struct Settlement {
  Table holders, parts, subjects;
  uint64_t effects_scanned = 0;
};

// Errors of PlanQuery, AskStore and the catalog; INVALID_ARGUMENT (UNKNOWN_SUBJECT, UNKNOWN_HOLDER,
// DUPLICATE), fields `subjects[i]` and `holders[i]`; OUT_OF_RANGE (SUM_OVERFLOW).
absl::StatusOr<Settlement> ComputeSettlement(const StatisticContext& context,
                                             const SettleQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SETTLE_H_
