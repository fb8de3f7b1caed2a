#include "services/analytics/api/statistic_methods.h"
#include "tidemark/analytics/v1/settle.pb.h"

namespace tidemark::analytics {

absl::Status SettleRevenue(const StatisticRunner&, const StatisticCall&, const v1::SettleRequest&,
                           v1::SettleResponse*) {
  return absl::UnimplementedError("Settle");
}

}  // namespace tidemark::analytics
