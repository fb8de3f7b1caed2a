#include "services/analytics/api/analytics_service.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/own_thread_gate.h"
#include "common/rpc/raw_exchange.h"
#include "common/rpc/raw_stream.h"
#include "common/rpc/raw_unary.h"
#include "common/rpc/request_budget.h"
#include "common/status/grpc_status.h"
#include "services/analytics/api/exception_lister.h"
#include "services/analytics/api/overlap_lister.h"
#include "services/analytics/api/query_exchange.h"
#include "services/analytics/api/query_streams.h"
#include "services/analytics/api/result_page.h"
#include "services/analytics/api/snapshot_convert.h"
#include "services/analytics/api/snapshot_gate.h"
#include "services/analytics/api/source_day_lister.h"
#include "services/analytics/api/stream_memory.h"
#include "services/analytics/api/vocabulary_texts.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::analytics {
namespace {

using WithQueries = v1::AnalyticsService::WithRawCallbackMethod_Query<
    v1::AnalyticsService::WithRawCallbackMethod_StreamQuery<
        v1::AnalyticsService::WithRawCallbackMethod_ExchangeQueries<
            v1::AnalyticsService::Service>>>;
using Base = v1::AnalyticsService::WithRawCallbackMethod_ListExceptions<
    v1::AnalyticsService::WithRawCallbackMethod_ListOverlaps<
        v1::AnalyticsService::WithRawCallbackMethod_ListSourceDays<
            v1::AnalyticsService::WithRawCallbackMethod_GetVocabulary<
                v1::AnalyticsService::WithRawCallbackMethod_GetFoldStatus<WithQueries>>>>>;

class AnalyticsServiceImpl final : public Base {
 public:
  explicit AnalyticsServiceImpl(AnalyticsServiceOptions options)
      : options_(std::move(options)),
        query_(Method("Query", options_.query_executor, &own_thread_)),
        stream_query_(Method("StreamQuery", options_.query_executor)),
        query_streams_({.queries = options_.queries,
                        .waiter = options_.waiter,
                        .clock = options_.clock,
                        .patience = options_.patience}),
        exchange_([this](const rpc::CallContext& call, const v1::QueryRequest& request,
                         rpc::UnaryReply reply) {
          // Before the work, and before the use of an asset counts.
          if (!reply.Recharge(call.request_bytes + kMaxPageBytes)) {
            return std::move(reply).Fail(StreamsFull());
          }
          Begin(call, request, std::move(reply));
        }),
        exchange_budget_(kQueryExchangeBytes),
        exchange_queries_(
            Method("ExchangeQueries", options_.query_executor, &own_thread_, &exchange_budget_)),
        exceptions_(Method("ListExceptions", options_.executor)),
        gate_({.resolver = &options_.queries->resolver(),
               .waiter = options_.waiter,
               .clock = options_.clock,
               .executor = options_.query_executor,
               .patience = options_.patience}),
        overlap_lister_(options_.queries, options_.links, options_.store),
        overlaps_(Method("ListOverlaps", options_.query_executor)),
        source_days_(Method("ListSourceDays", options_.query_executor)),
        vocabulary_(Method("GetVocabulary", options_.executor)),
        fold_status_(Method("GetFoldStatus", options_.executor)) {}

  grpc::ServerUnaryReactor* Query(grpc::CallbackServerContext* context,
                                  const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* response) override {
    return rpc::HandleUnaryAsync<v1::QueryRequest>(
        context, request, response, query_,
        [this](const rpc::CallContext& call, const v1::QueryRequest& request,
               rpc::UnaryReply reply) { Begin(call, request, std::move(reply)); });
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamQuery(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override {
    return rpc::HandleStream<v1::StreamQueryRequest>(
        context, request, stream_query_,
        [this](const rpc::CallContext& call, const v1::StreamQueryRequest& request,
               std::shared_ptr<rpc::StreamWaker> waker) {
          return query_streams_.Open(call, request.request(), std::move(waker));
        });
  }

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ExchangeQueries(
      grpc::CallbackServerContext* context) override {
    return rpc::HandleExchange(context, exchange_queries_, kQueryExchangeLimits, &exchange_);
  }

  grpc::ServerUnaryReactor* ListExceptions(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override {
    return rpc::HandleUnary<v1::ListExceptionsRequest, v1::ListExceptionsResponse>(
        context, request, response, exceptions_,
        [this](const rpc::CallContext& call, const v1::ListExceptionsRequest& request,
               v1::ListExceptionsResponse* response) {
          return analytics::ListExceptions(call.caller, request, *options_.queries, *options_.links,
                                           *options_.store, response);
        });
  }

  grpc::ServerUnaryReactor* ListOverlaps(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override {
    return rpc::HandleUnaryAsync<v1::ListOverlapsRequest>(
        context, request, response, overlaps_,
        [this](const rpc::CallContext& call, const v1::ListOverlapsRequest& request,
               rpc::UnaryReply reply) { BeginOverlaps(call, request, std::move(reply)); });
  }

  grpc::ServerUnaryReactor* ListSourceDays(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override {
    return rpc::HandleUnary<v1::ListSourceDaysRequest, v1::ListSourceDaysResponse>(
        context, request, response, source_days_,
        [this](const rpc::CallContext& call, const v1::ListSourceDaysRequest& request,
               v1::ListSourceDaysResponse* response) {
          return analytics::ListSourceDays(call.caller, request, *options_.queries, *options_.store,
                                           *options_.links, *options_.source_days, response);
        });
  }

  grpc::ServerUnaryReactor* GetVocabulary(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override {
    return rpc::HandleUnary<v1::GetVocabularyRequest, v1::GetVocabularyResponse>(
        context, request, response, vocabulary_,
        [](const rpc::CallContext&, const v1::GetVocabularyRequest& request,
           v1::GetVocabularyResponse* response) {
          return WriteVocabulary(request.language(), response);
        });
  }

  grpc::ServerUnaryReactor* GetFoldStatus(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override {
    return rpc::HandleUnary<v1::GetFoldStatusRequest, v1::GetFoldStatusResponse>(
        context, request, response, fold_status_,
        [this](const rpc::CallContext&, const v1::GetFoldStatusRequest&,
               v1::GetFoldStatusResponse* response) { return WriteFoldStatus(response); });
  }

 private:
  rpc::MethodOptions Method(std::string_view name, base::Executor* executor,
                            rpc::OwnThreadGate* own_thread = nullptr,
                            rpc::RequestBudget* budget = nullptr) const {
    return {.name = absl::StrCat("/", kAnalyticsServiceName, "/", name),
            .max_request_bytes = kMaxRequestBytes,
            .executor = executor,
            .authorizer = options_.authorizer,
            .clock = options_.clock,
            .budget = budget,
            .own_thread = own_thread,
            .streams = options_.streams};
  }

  // A request that waits for the fold, with what it needs to go on.
  struct Waiting {
    const rpc::CallContext* call;
    v1::QueryRequest request;
    std::optional<PageToken> token;
    rpc::UnaryReply reply;
  };

  void Begin(const rpc::CallContext& call, const v1::QueryRequest& request, rpc::UnaryReply reply) {
    absl::StatusOr<std::optional<PageToken>> token = options_.queries->Check(call.caller, request);
    if (!token.ok()) return std::move(reply).Fail(token.status());
    if (options_.queries->resolver().IsReady(request, *token)) {
      const auto where = call.on_grpc_thread ? QueryHandler::Where::kBorrowedThread
                                             : QueryHandler::Where::kExecutor;
      return Finish(call, request, *token, where, std::move(reply));
    }
    const size_t bytes = request.SpaceUsedLong() + call.request_bytes;
    // The call stays valid until its reply is used.
    auto waiting =
        std::make_shared<Waiting>(Waiting{&call, request, *std::move(token), std::move(reply)});
    const absl::Duration left = call.deadline - absl::FromUnixMicros(options_.clock->NowMicros());
    options_.waiter->Wait(
        [this, waiting] {
          return waiting->call->cancelled() ||
                 options_.queries->resolver().IsReady(waiting->request, waiting->token);
        },
        std::min(options_.patience, left), bytes, [this, waiting](bool) { Resume(waiting); });
  }

  // On the waiter's thread.
  void Resume(const std::shared_ptr<Waiting>& waiting) {
    if (!options_.queries->resolver().IsReady(waiting->request, waiting->token)) {
      const absl::Status behind =
          options_.queries->resolver().Behind(waiting->request, waiting->token);
      return std::move(waiting->reply).Fail(behind);
    }
    const bool posted = options_.query_executor->TryPost([this, waiting] {
      Finish(*waiting->call, waiting->request, waiting->token, QueryHandler::Where::kExecutor,
             std::move(waiting->reply));
    });
    if (posted) return;
    std::move(waiting->reply).Fail(TooManyQueries());
  }

  void Finish(const rpc::CallContext& call, const v1::QueryRequest& request,
              const std::optional<PageToken>& token, QueryHandler::Where where,
              rpc::UnaryReply reply) {
    options_.queries->Query(
        call, request, token, where,
        [reply = std::move(reply)](const absl::StatusOr<std::string>& response) mutable {
          if (!response.ok()) return std::move(reply).Fail(response.status());
          std::move(reply).Send(*response);
        });
  }

  // A request for overlaps on its way.
  struct Overlaps {
    const rpc::CallContext* call;
    v1::ListOverlapsRequest request;
    rpc::UnaryReply reply;
  };

  // Waits for the fold as a query does.
  void BeginOverlaps(const rpc::CallContext& call, const v1::ListOverlapsRequest& request,
                     rpc::UnaryReply reply) {
    const absl::Status checked = overlap_lister_.Check(call.caller, request);
    if (!checked.ok()) return std::move(reply).Fail(checked);
    const auto asked = std::make_shared<Overlaps>(Overlaps{&call, request, std::move(reply)});
    gate_.Pass(call, OverlapLister::SnapshotRequest(request), [this, asked](absl::Status status) {
      if (!status.ok()) return std::move(asked->reply).Fail(status);
      FinishOverlaps(*asked);
    });
  }

  void FinishOverlaps(Overlaps& asked) const {
    v1::ListOverlapsResponse response;
    const absl::Status listed = overlap_lister_.List(*asked.call, asked.request, &response);
    if (!listed.ok()) return std::move(asked.reply).Fail(listed);
    std::move(asked.reply).Send(response);
  }

  absl::Status WriteFoldStatus(v1::GetFoldStatusResponse* response) const {
    const uint64_t size = options_.store->folded_size();
    absl::StatusOr<SnapshotInfo> snapshot = options_.store->Snapshot(size);
    if (!snapshot.ok()) return snapshot.status();
    SetSnapshot(*options_.store, *snapshot, response->mutable_snapshot());
    const LogState log = options_.log_state();
    response->set_log_size(log.log_size);
    response->set_log_reachable(log.reachable);
    if (!log.stall.ok()) *response->mutable_stall() = status::ToRpcStatusProto(log.stall);
    response->set_catalog_reachable(options_.catalog_reachable());
    const StoreStats stats = options_.store->Stats();
    response->set_effects(stats.effects);
    response->set_runs(stats.runs);
    response->set_run_bytes(stats.run_bytes);
    response->set_tail_effects(stats.tail_effects);
    response->set_memory_bytes(stats.memory_bytes + options_.links->memory_bytes() +
                               options_.source_days->memory_bytes());
    response->set_cache_hits(options_.queries->cache_hits());
    response->set_cache_misses(options_.queries->cache_misses());
    response->set_replica(options_.replica);
    response->set_version(options_.version);
    return absl::OkStatus();
  }

  const AnalyticsServiceOptions options_;
  rpc::OwnThreadGate own_thread_;
  const rpc::MethodOptions query_;
  const rpc::MethodOptions stream_query_;
  QueryStreams query_streams_;
  QueryExchange exchange_;
  rpc::RequestBudget exchange_budget_;
  const rpc::MethodOptions exchange_queries_;
  const rpc::MethodOptions exceptions_;
  const SnapshotGate gate_;
  const OverlapLister overlap_lister_;
  const rpc::MethodOptions overlaps_;
  const rpc::MethodOptions source_days_;
  const rpc::MethodOptions vocabulary_;
  const rpc::MethodOptions fold_status_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewAnalyticsService(AnalyticsServiceOptions options) {
  return std::make_unique<AnalyticsServiceImpl>(std::move(options));
}

}  // namespace tidemark::analytics
