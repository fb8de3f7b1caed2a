#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_RECONCILE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_RECONCILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

struct ReconcileQuestion {
  std::string indicator;
  // Empty: all series of the indicator.
  std::vector<std::string> series;
  // Empty: all places that have figures.
  std::vector<std::string> regions;
  // Names of periods, as Query has them.
  std::string first, last;
};

// Published figures beside what follows from others or from events:
// tidemark.analytics.v1.ReconcileResponse.
struct Reconciliation {
  Table figures;
  uint64_t effects_scanned = 0;
};

// NOT_FOUND: no such indicator, series or place. INVALID_ARGUMENT: OTHER_INDICATOR, a series that
// is not the indicator's; PERIOD_INVALID. RESOURCE_EXHAUSTED (TOO_MANY_ROWS). Errors of
// CatalogReader and of EvaluateIndicator.
absl::StatusOr<Reconciliation> Reconcile(const StatisticContext& context,
                                         const ReconcileQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_RECONCILE_H_
