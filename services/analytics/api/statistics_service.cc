#include "services/analytics/api/statistics_service.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/raw_unary.h"
#include "services/analytics/api/analytics_service.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/statistic_streams.h"
#include "services/analytics/api/watches.h"
#include "tidemark/analytics/v1/statistics_service.grpc.pb.h"

namespace tidemark::analytics {
namespace {

using Availability =
    v1::StatisticsService::WithRawCallbackMethod_GetAvailability<v1::StatisticsService::Service>;
using WithFlows = v1::StatisticsService::WithRawCallbackMethod_Flows<Availability>;
using WithCoConsumption = v1::StatisticsService::WithRawCallbackMethod_CoConsumption<WithFlows>;
using WithConcentration =
    v1::StatisticsService::WithRawCallbackMethod_Concentration<WithCoConsumption>;
using WithExplain = v1::StatisticsService::WithRawCallbackMethod_Explain<WithConcentration>;
using WithForecast = v1::StatisticsService::WithRawCallbackMethod_Forecast<WithExplain>;
using WithUplift = v1::StatisticsService::WithRawCallbackMethod_Uplift<WithForecast>;
using WithDivide = v1::StatisticsService::WithRawCallbackMethod_Divide<WithUplift>;
using WithEvaluateIndicator =
    v1::StatisticsService::WithRawCallbackMethod_EvaluateIndicator<WithDivide>;
using WithReconcile = v1::StatisticsService::WithRawCallbackMethod_Reconcile<WithEvaluateIndicator>;
using WithTargetProgress =
    v1::StatisticsService::WithRawCallbackMethod_TargetProgress<WithReconcile>;
using WithSettle = v1::StatisticsService::WithRawCallbackMethod_Settle<WithTargetProgress>;
using WithWatch = v1::StatisticsService::WithRawCallbackMethod_Watch<WithSettle>;
using Base = v1::StatisticsService::WithRawCallbackMethod_StreamStatistic<WithWatch>;

class StatisticsServiceImpl final : public Base {
 public:
  explicit StatisticsServiceImpl(StatisticsServiceOptions options)
      : options_(std::move(options)),
        runner_(options_.runner),
        availability_(Method("GetAvailability")),
        flows_(Method("Flows")),
        co_consumption_(Method("CoConsumption")),
        concentration_(Method("Concentration")),
        explain_(Method("Explain")),
        forecast_(Method("Forecast")),
        uplift_(Method("Uplift")),
        divide_(Method("Divide")),
        indicator_(Method("EvaluateIndicator")),
        reconcile_(Method("Reconcile")),
        target_progress_(Method("TargetProgress")),
        settle_(Method("Settle")),
        watch_(Method("Watch")),
        stream_statistic_(Method("StreamStatistic")),
        watches_({.queries = options_.runner.queries,
                  .store = options_.runner.store,
                  .clock = options_.runner.clock}),
        streams_(&runner_) {}

  grpc::ServerUnaryReactor* GetAvailability(grpc::CallbackServerContext* context,
                                            const grpc::ByteBuffer* request,
                                            grpc::ByteBuffer* response) override {
    return Handle(context, request, response, availability_, &analytics::GetAvailability);
  }
  grpc::ServerUnaryReactor* Flows(grpc::CallbackServerContext* context,
                                  const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* response) override {
    return Handle(context, request, response, flows_, &analytics::GetFlows);
  }
  grpc::ServerUnaryReactor* CoConsumption(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override {
    return Handle(context, request, response, co_consumption_, &analytics::GetCoConsumption);
  }
  grpc::ServerUnaryReactor* Concentration(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override {
    return Handle(context, request, response, concentration_, &analytics::GetConcentration);
  }
  grpc::ServerUnaryReactor* Divide(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override {
    return Handle(context, request, response, divide_, &analytics::GetDivide);
  }

  grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override {
    return Handle(context, request, response, explain_, &analytics::Explain);
  }

  grpc::ServerUnaryReactor* Forecast(grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override {
    return Handle(context, request, response, forecast_, &analytics::MakeForecast);
  }

  grpc::ServerUnaryReactor* Uplift(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override {
    return Handle(context, request, response, uplift_, &analytics::EstimateUplift);
  }

  grpc::ServerUnaryReactor* EvaluateIndicator(grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request,
                                              grpc::ByteBuffer* response) override {
    return Handle(context, request, response, indicator_, &analytics::EvaluateIndicator);
  }

  grpc::ServerUnaryReactor* Reconcile(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) override {
    return Handle(context, request, response, reconcile_, &analytics::Reconcile);
  }

  grpc::ServerUnaryReactor* TargetProgress(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override {
    return Handle(context, request, response, target_progress_, &analytics::TellTargetProgress);
  }

  grpc::ServerUnaryReactor* Settle(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override {
    return Handle(context, request, response, settle_, &analytics::SettleRevenue);
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override {
    return rpc::HandleStream<v1::WatchRequest>(
        context, request, watch_,
        [this](const rpc::CallContext& call, const v1::WatchRequest& request,
               std::shared_ptr<rpc::StreamWaker> waker) {
          return watches_.Open(call, request, std::move(waker));
        });
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamStatistic(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override {
    return rpc::HandleStream<v1::StreamStatisticRequest>(
        context, request, stream_statistic_,
        [this](const rpc::CallContext& call, const v1::StreamStatisticRequest& request,
               std::shared_ptr<rpc::StreamWaker> waker) {
          return streams_.Open(call, request, std::move(waker));
        });
  }

 private:
  rpc::MethodOptions Method(std::string_view name) const {
    return {.name = absl::StrCat("/", kStatisticsServiceName, "/", name),
            .max_request_bytes = kMaxRequestBytes,
            .executor = options_.runner.executor,
            .authorizer = options_.authorizer,
            .clock = options_.runner.clock,
            .streams = options_.streams};
  }

  template <typename Request, typename Response>
  using Compute = absl::Status (*)(const StatisticRunner& runner, const StatisticCall& call,
                                   const Request& request, Response* response);

  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Handle(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                   const rpc::MethodOptions& options,
                                   Compute<Request, Response> compute) {
    return rpc::HandleUnaryAsync<Request>(
        context, request, response, options,
        [this, compute](const rpc::CallContext& call, const Request& request,
                        rpc::UnaryReply reply) {
          // The request's own copy: it may wait.
          runner_.Start(call, request.read(),
                        [this, compute, request, reply = std::move(reply)](
                            const absl::StatusOr<StatisticCall>& statistic) mutable {
                          Response response;
                          absl::Status status = statistic.status();
                          if (status.ok())
                            status = compute(runner_, *statistic, request, &response);
                          if (!status.ok()) return std::move(reply).Fail(status);
                          std::move(reply).Send(response);
                        });
        });
  }

  const StatisticsServiceOptions options_;
  const StatisticRunner runner_;
  const rpc::MethodOptions availability_;
  const rpc::MethodOptions flows_;
  const rpc::MethodOptions co_consumption_;
  const rpc::MethodOptions concentration_;
  const rpc::MethodOptions explain_;
  const rpc::MethodOptions forecast_;
  const rpc::MethodOptions uplift_;
  const rpc::MethodOptions divide_;
  const rpc::MethodOptions indicator_;
  const rpc::MethodOptions reconcile_;
  const rpc::MethodOptions target_progress_;
  const rpc::MethodOptions settle_;
  const rpc::MethodOptions watch_;
  const rpc::MethodOptions stream_statistic_;
  Watches watches_;
  StatisticStreams streams_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewStatisticsService(StatisticsServiceOptions options) {
  return std::make_unique<StatisticsServiceImpl>(std::move(options));
}

}  // namespace tidemark::analytics
