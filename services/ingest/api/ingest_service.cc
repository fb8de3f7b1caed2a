#include "services/ingest/api/ingest_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/raw_exchange.h"
#include "common/rpc/raw_unary.h"
#include "common/rpc/request_budget.h"
#include "services/ingest/api/control_totals_handler.h"
#include "services/ingest/api/quarantine_handlers.h"
#include "services/ingest/api/quarantine_intake.h"
#include "services/ingest/api/quota_gate.h"
#include "services/ingest/api/read_handlers.h"
#include "services/ingest/api/stream_handler.h"
#include "services/ingest/api/submission_pool.h"
#include "services/ingest/api/submit_handler.h"
#include "services/ingest/api/tail.h"
#include "services/ingest/api/verdict_cache.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::ingest {
namespace {

using Stub = v1::IngestService;
using RawDays = Stub::WithRawCallbackMethod_SubmitControlTotals<
    Stub::WithRawCallbackMethod_GetStatement<Stub::Service>>;
using RawLogService =
    Stub::WithRawCallbackMethod_StreamEvents<Stub::WithRawCallbackMethod_SubmitEvents<
        Stub::WithRawCallbackMethod_BatchGetEvents<Stub::WithRawCallbackMethod_Tail<
            Stub::WithRawCallbackMethod_GetCheckpoint<Stub::WithRawCallbackMethod_GetInclusionProof<
                Stub::WithRawCallbackMethod_GetConsistencyProof<
                    Stub::WithRawCallbackMethod_GetLogStatus<RawDays>>>>>>>>;
using RawService = Stub::WithRawCallbackMethod_ListQuarantine<
    Stub::WithRawCallbackMethod_GetQuarantineStats<Stub::WithRawCallbackMethod_ResubmitQuarantine<
        Stub::WithRawCallbackMethod_DeleteQuarantine<RawLogService>>>>;

constexpr size_t kMaxRequestBytes = size_t{1} << 20;

class IngestServiceImpl final : public RawService {
 public:
  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;

  explicit IngestServiceImpl(const IngestServiceOptions& o)
      : options_(o),
        budget_(o.max_in_flight_bytes),
        pool_(o.pseudonym_key, o.open_codes),
        verdicts_(o.verdicts),
        quotas_(o.quotas, o.log->log_id()),
        submits_({.log = o.log,
                  .views = o.views,
                  .pool = &pool_,
                  .verdicts = &verdicts_,
                  .executor = o.submit_executor,
                  .clock = o.clock,
                  .quarantine = o.intake,
                  .quotas = o.quotas == nullptr ? nullptr : &quotas_}),
        quarantine_({.quarantine = o.quarantine,
                     .owner = o.quarantine_owner,
                     .intake = o.intake,
                     .submits = &submits_,
                     .executor = o.read_executor,
                     .log_id = o.log->log_id()}),
        streamed_(&submits_),
        reads_({.log = o.log, .views = o.views, .executor = o.read_executor, .version = o.version}),
        days_({.log = o.log, .views = o.views, .executor = o.read_executor, .clock = o.clock}),
        submit_(Method("SubmitEvents", o.submit_executor, kMaxReceiveBytes)),
        stream_(Method("StreamEvents", o.submit_executor, kMaxReceiveBytes)),
        totals_(Method("SubmitControlTotals", o.read_executor)),
        statement_(Method("GetStatement", o.read_executor)),
        batch_get_(Method("BatchGetEvents", o.read_executor)),
        tail_(Method("Tail", o.tail_executor)),
        checkpoint_(Method("GetCheckpoint", o.read_executor)),
        inclusion_(Method("GetInclusionProof", o.read_executor)),
        consistency_(Method("GetConsistencyProof", o.read_executor)),
        status_(Method("GetLogStatus", o.read_executor)),
        list_quarantine_(Method("ListQuarantine", o.read_executor)),
        quarantine_stats_(Method("GetQuarantineStats", o.read_executor)),
        resubmit_quarantine_(Method("ResubmitQuarantine", o.read_executor)),
        delete_quarantine_(Method("DeleteQuarantine", o.read_executor)) {}

  grpc::ServerUnaryReactor* SubmitEvents(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleRawUnary(
        context, in, out, submit_,
        [this](const rpc::CallContext& call, std::string_view request, rpc::UnaryReply reply) {
          submits_.Handle(call, request, std::move(reply));
        });
  }
  grpc::ServerBidiReactor<Bytes, Bytes>* StreamEvents(Context* context) override {
    return rpc::HandleExchange(context, stream_, rpc::ExchangeLimits(), &streamed_);
  }
  grpc::ServerUnaryReactor* SubmitControlTotals(Context* context, const Bytes* in,
                                                Bytes* out) override {
    return rpc::HandleUnaryAsync<v1::SubmitControlTotalsRequest>(
        context, in, out, totals_, [this](auto& call, auto& request, rpc::UnaryReply reply) {
          days_.Submit(call, request, std::move(reply));
        });
  }
  grpc::ServerUnaryReactor* GetStatement(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnaryAsync<v1::GetStatementRequest>(
        context, in, out, statement_, [this](auto& call, auto& request, rpc::UnaryReply reply) {
          days_.GetStatement(call, request, std::move(reply));
        });
  }
  grpc::ServerUnaryReactor* BatchGetEvents(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnaryAsync<v1::BatchGetEventsRequest>(
        context, in, out, batch_get_, [this](auto& call, auto& request, rpc::UnaryReply reply) {
          reads_.BatchGetEvents(call, request, std::move(reply));
        });
  }
  grpc::ServerWriteReactor<Bytes>* Tail(Context* context, const Bytes* in) override {
    return rpc::HandleStream<v1::TailRequest>(
        context, in, tail_, [this](auto&, auto& request, auto waker) {
          return OpenTail(options_.log, options_.hub, options_.clock, request, std::move(waker));
        });
  }
  grpc::ServerUnaryReactor* GetCheckpoint(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::GetCheckpointRequest, v1::GetCheckpointResponse>(
        context, in, out, checkpoint_,
        [this](auto&, auto&, auto* response) { return reads_.GetCheckpoint(response); });
  }
  grpc::ServerUnaryReactor* GetInclusionProof(Context* context, const Bytes* in,
                                              Bytes* out) override {
    return rpc::HandleUnary<v1::GetInclusionProofRequest, v1::GetInclusionProofResponse>(
        context, in, out, inclusion_, [this](auto& call, auto& request, auto* response) {
          return reads_.GetInclusionProof(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* GetConsistencyProof(Context* context, const Bytes* in,
                                                Bytes* out) override {
    return rpc::HandleUnary<v1::GetConsistencyProofRequest, v1::GetConsistencyProofResponse>(
        context, in, out, consistency_, [this](auto&, auto& request, auto* response) {
          return reads_.GetConsistencyProof(request, response);
        });
  }
  grpc::ServerUnaryReactor* GetLogStatus(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::GetLogStatusRequest, v1::GetLogStatusResponse>(
        context, in, out, status_,
        [this](auto&, auto&, auto* response) { return reads_.GetLogStatus(response); });
  }
  grpc::ServerUnaryReactor* ListQuarantine(Context* context, const Bytes* in, Bytes* out) override {
    return AskQuarantine(context, in, out, list_quarantine_);
  }
  grpc::ServerUnaryReactor* GetQuarantineStats(Context* context, const Bytes* in,
                                               Bytes* out) override {
    return AskQuarantine(context, in, out, quarantine_stats_);
  }
  grpc::ServerUnaryReactor* ResubmitQuarantine(Context* context, const Bytes* in,
                                               Bytes* out) override {
    return AskQuarantine(context, in, out, resubmit_quarantine_);
  }
  grpc::ServerUnaryReactor* DeleteQuarantine(Context* context, const Bytes* in,
                                             Bytes* out) override {
    return AskQuarantine(context, in, out, delete_quarantine_);
  }

  QuarantineHandlers* quarantine() { return options_.intake == nullptr ? nullptr : &quarantine_; }

 private:
  grpc::ServerUnaryReactor* AskQuarantine(Context* context, const Bytes* in, Bytes* out,
                                          const rpc::MethodOptions& method) {
    return rpc::HandleRawUnary(
        context, in, out, method,
        [this](const rpc::CallContext& call, std::string_view request, rpc::UnaryReply reply) {
          if (options_.intake == nullptr) {
            return std::move(reply).Fail(
                absl::UnimplementedError("this service keeps no quarantine"));
          }
          const auto shared = std::make_shared<rpc::UnaryReply>(std::move(reply));
          quarantine_.Handle(
              call.caller, call.method.substr(call.method.rfind('/') + 1), request,
              [shared](size_t bytes) { return shared->Recharge(bytes); },
              [shared](absl::StatusOr<std::string> response) {
                if (!response.ok()) return std::move(*shared).Fail(response.status());
                std::move(*shared).Send(std::string_view(*response));
              });
        });
  }
  rpc::MethodOptions Method(std::string_view name, base::Executor* executor,
                            size_t max_bytes = kMaxRequestBytes) {
    return {.name = absl::StrCat("/", kIngestServiceName, "/", name),
            .max_request_bytes = max_bytes,
            .executor = executor,
            .authorizer = options_.authorizer,
            .clock = options_.clock,
            .budget = &budget_,
            .streams = options_.streams};
  }

  const IngestServiceOptions options_;
  rpc::RequestBudget budget_;
  SubmissionPool pool_;
  VerdictCache verdicts_;
  QuotaGate quotas_;
  SubmitHandler submits_;
  QuarantineHandlers quarantine_;
  StreamHandler streamed_;
  ReadHandlers reads_;
  ControlTotalsHandler days_;
  const rpc::MethodOptions submit_;
  const rpc::MethodOptions stream_;
  const rpc::MethodOptions totals_;
  const rpc::MethodOptions statement_;
  const rpc::MethodOptions batch_get_;
  const rpc::MethodOptions tail_;
  const rpc::MethodOptions checkpoint_;
  const rpc::MethodOptions inclusion_;
  const rpc::MethodOptions consistency_;
  const rpc::MethodOptions status_;
  const rpc::MethodOptions list_quarantine_;
  const rpc::MethodOptions quarantine_stats_;
  const rpc::MethodOptions resubmit_quarantine_;
  const rpc::MethodOptions delete_quarantine_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewIngestService(const IngestServiceOptions& options) {
  return std::make_unique<IngestServiceImpl>(options);
}

QuarantineHandlers* QuarantineOf(grpc::Service& service) {
  return static_cast<IngestServiceImpl&>(service).quarantine();
}

}  // namespace tidemark::ingest
