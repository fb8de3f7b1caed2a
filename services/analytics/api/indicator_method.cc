#include "services/analytics/api/statistic_methods.h"
#include "tidemark/analytics/v1/indicator.pb.h"

namespace tidemark::analytics {

absl::Status EvaluateIndicator(const StatisticRunner&, const StatisticCall&,
                               const v1::EvaluateIndicatorRequest&,
                               v1::EvaluateIndicatorResponse*) {
  return absl::UnimplementedError("EvaluateIndicator");
}

}  // namespace tidemark::analytics
