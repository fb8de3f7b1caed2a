#include "services/analytics/api/statistic_methods.h"
#include "tidemark/analytics/v1/target_progress.pb.h"

namespace tidemark::analytics {

absl::Status TellTargetProgress(const StatisticRunner&, const StatisticCall&,
                                const v1::TargetProgressRequest&, v1::TargetProgressResponse*) {
  return absl::UnimplementedError("TargetProgress");
}

}  // namespace tidemark::analytics
