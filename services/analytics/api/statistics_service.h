#ifndef TIDEMARK_SERVICES_ANALYTICS_API_STATISTICS_SERVICE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_STATISTICS_SERVICE_H_

#include <memory>

#include "common/rpc/authorizer.h"
#include "common/rpc/raw_stream.h"
#include "services/analytics/api/statistic_runner.h"

namespace grpc {
class Service;
}

namespace tidemark::analytics {

inline constexpr char kStatisticsServiceName[] = "tidemark.analytics.v1.StatisticsService";

struct StatisticsServiceOptions {
  StatisticRunner::Options runner;
  // Not owned; must be set.
  rpc::Authorizer* authorizer = nullptr;
  // The streams of watches, for the server's drain.
  rpc::StreamRegistry* streams = nullptr;
};

// tidemark.analytics.v1.StatisticsService, all methods raw, as AnalyticsService.
std::unique_ptr<grpc::Service> NewStatisticsService(StatisticsServiceOptions options);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_STATISTICS_SERVICE_H_
