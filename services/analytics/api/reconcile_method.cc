#include "services/analytics/api/statistic_methods.h"
#include "tidemark/analytics/v1/indicator.pb.h"

namespace tidemark::analytics {

absl::Status Reconcile(const StatisticRunner&, const StatisticCall&, const v1::ReconcileRequest&,
                       v1::ReconcileResponse*) {
  return absl::UnimplementedError("Reconcile");
}

}  // namespace tidemark::analytics
