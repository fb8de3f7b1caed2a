#ifndef TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_METHODS_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_METHODS_H_

#include "absl/status/status.h"
#include "services/analytics/api/statistic_runner.h"

namespace tidemark::analytics::v1 {
class CoConsumptionRequest;
class CoConsumptionResponse;
class ConcentrationRequest;
class ConcentrationResponse;
class DivideRequest;
class DivideResponse;
class EvaluateIndicatorRequest;
class EvaluateIndicatorResponse;
class ExplainRequest;
class ExplainResponse;
class FlowsRequest;
class FlowsResponse;
class ForecastRequest;
class ForecastResponse;
class GetAvailabilityRequest;
class GetAvailabilityResponse;
class ReconcileRequest;
class ReconcileResponse;
class SettleRequest;
class SettleResponse;
class TargetProgressRequest;
class TargetProgressResponse;
class UpliftRequest;
class UpliftResponse;
}  // namespace tidemark::analytics::v1

// The methods of tidemark.analytics.v1.StatisticsService, each in a file of its own: from a request
// whose snapshot is folded to the response. Errors as in statistics_service.proto.
namespace tidemark::analytics {

absl::Status GetAvailability(const StatisticRunner& runner, const StatisticCall& call,
                             const v1::GetAvailabilityRequest& request,
                             v1::GetAvailabilityResponse* response);

absl::Status Explain(const StatisticRunner& runner, const StatisticCall& call,
                     const v1::ExplainRequest& request, v1::ExplainResponse* response);

absl::Status GetFlows(const StatisticRunner& runner, const StatisticCall& call,
                      const v1::FlowsRequest& request, v1::FlowsResponse* response);

absl::Status GetCoConsumption(const StatisticRunner& runner, const StatisticCall& call,
                              const v1::CoConsumptionRequest& request,
                              v1::CoConsumptionResponse* response);

absl::Status GetConcentration(const StatisticRunner& runner, const StatisticCall& call,
                              const v1::ConcentrationRequest& request,
                              v1::ConcentrationResponse* response);

absl::Status MakeForecast(const StatisticRunner& runner, const StatisticCall& call,
                          const v1::ForecastRequest& request, v1::ForecastResponse* response);

absl::Status EstimateUplift(const StatisticRunner& runner, const StatisticCall& call,
                            const v1::UpliftRequest& request, v1::UpliftResponse* response);

absl::Status GetDivide(const StatisticRunner& runner, const StatisticCall& call,
                       const v1::DivideRequest& request, v1::DivideResponse* response);

absl::Status EvaluateIndicator(const StatisticRunner& runner, const StatisticCall& call,
                               const v1::EvaluateIndicatorRequest& request,
                               v1::EvaluateIndicatorResponse* response);

absl::Status Reconcile(const StatisticRunner& runner, const StatisticCall& call,
                       const v1::ReconcileRequest& request, v1::ReconcileResponse* response);

absl::Status TellTargetProgress(const StatisticRunner& runner, const StatisticCall& call,
                                const v1::TargetProgressRequest& request,
                                v1::TargetProgressResponse* response);

absl::Status SettleRevenue(const StatisticRunner& runner, const StatisticCall& call,
                           const v1::SettleRequest& request, v1::SettleResponse* response);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_METHODS_H_
