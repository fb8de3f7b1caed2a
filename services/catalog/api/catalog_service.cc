#include "services/catalog/api/catalog_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/raw_unary.h"
#include "common/rpc/request_budget.h"
#include "services/catalog/api/grant_handlers.h"
#include "services/catalog/api/observation_handlers.h"
#include "services/catalog/api/programme_handlers.h"
#include "services/catalog/api/read_handlers.h"
#include "services/catalog/api/search_handlers.h"
#include "services/catalog/api/use_handlers.h"
#include "services/catalog/api/write_handlers.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::catalog {
namespace {

using Stub = v1::CatalogService;
using RawService = Stub::WithRawCallbackMethod_GetResource<
    Stub::WithRawCallbackMethod_ListResources<Stub::WithRawCallbackMethod_BatchGetResources<
        Stub::WithRawCallbackMethod_ApplyResources<Stub::WithRawCallbackMethod_DeleteResource<
            Stub::WithRawCallbackMethod_ListResourceHistory<
                Stub::WithRawCallbackMethod_WatchResources<Stub::WithRawCallbackMethod_IssueToken<
                    Stub::WithRawCallbackMethod_BindLog<Stub::WithRawCallbackMethod_RankCandidacies<
                        Stub::WithRawCallbackMethod_AdvanceProgramme<
                            Stub::WithRawCallbackMethod_ListObservations<
                                Stub::WithRawCallbackMethod_CompareObservations<
                                    Stub::WithRawCallbackMethod_SearchResources<
                                        Stub::WithRawCallbackMethod_ResolveRegions<
                                            Stub::WithRawCallbackMethod_CheckGrant<
                                                Stub::WithRawCallbackMethod_ReportUse<
                                                    Stub::WithRawCallbackMethod_ListUse<
                                                        Stub::Service>>>>>>>>>>>>>>>>>>;

constexpr size_t kMaxRequestBytes = size_t{1} << 20;
// A proposed vintage is as large as a resource may be; room for the filter beside it.
constexpr size_t kMaxCompareBytes = 2 * kMaxRequestBytes;
// 10,000 uses and as many names of the longest.
constexpr size_t kMaxReportBytes = 2 * kMaxRequestBytes;
// Of all changes that wait for the one thread that makes them.
constexpr size_t kMaxWaitingWriteBytes = 4 * kMaxApplyBytes;

class CatalogServiceImpl final : public RawService {
 public:
  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;

  explicit CatalogServiceImpl(const CatalogServiceOptions& options)
      : reads_({options.catalog, options.hub, options.clock, options.cache}),
        searches_(options.catalog, options.search),
        writes_(options.catalog, options.clock),
        programmes_(options.catalog),
        observations_(options.catalog, options.observations),
        grants_(options.catalog, options.uses, options.clock),
        uses_(options.catalog, options.uses, options.clock),
        get_(Method(options, "GetResource", options.read_executor)),
        list_(Method(options, "ListResources", options.read_executor)),
        batch_get_(Method(options, "BatchGetResources", options.read_executor)),
        history_(Method(options, "ListResourceHistory", options.read_executor)),
        list_observations_(Method(options, "ListObservations", options.read_executor)),
        compare_observations_(
            Method(options, "CompareObservations", options.read_executor, kMaxCompareBytes)),
        search_(Method(options, "SearchResources", options.read_executor)),
        resolve_(Method(options, "ResolveRegions", options.read_executor)),
        watch_(Method(options, "WatchResources", options.watch_executor)),
        apply_(WriteMethod(options, "ApplyResources", kMaxApplyBytes)),
        delete_(WriteMethod(options, "DeleteResource")),
        issue_token_(WriteMethod(options, "IssueToken")),
        bind_log_(WriteMethod(options, "BindLog")),
        rank_(Method(options, "RankCandidacies", options.read_executor)),
        advance_(WriteMethod(options, "AdvanceProgramme")),
        check_grant_(Method(options, "CheckGrant", options.read_executor)),
        report_use_(WriteMethod(options, "ReportUse", kMaxReportBytes)),
        list_use_(Method(options, "ListUse", options.read_executor)) {}

  grpc::ServerUnaryReactor* GetResource(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::GetResourceRequest, v1::GetResourceResponse>(
        context, in, out, get_, [this](auto& call, auto& request, auto* response) {
          return reads_.Get(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* ListResources(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::ListResourcesRequest, v1::ListResourcesResponse>(
        context, in, out, list_, [this](auto& call, auto& request, auto* response) {
          return reads_.List(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* BatchGetResources(Context* context, const Bytes* in,
                                              Bytes* out) override {
    return rpc::HandleUnary<v1::BatchGetResourcesRequest, v1::BatchGetResourcesResponse>(
        context, in, out, batch_get_, [this](auto& call, auto& request, auto* response) {
          return reads_.BatchGet(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* ListResourceHistory(Context* context, const Bytes* in,
                                                Bytes* out) override {
    return rpc::HandleUnary<v1::ListResourceHistoryRequest, v1::ListResourceHistoryResponse>(
        context, in, out, history_, [this](auto& call, auto& request, auto* response) {
          return reads_.History(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* ListObservations(Context* context, const Bytes* in,
                                             Bytes* out) override {
    return rpc::HandleUnary<v1::ListObservationsRequest, v1::ListObservationsResponse>(
        context, in, out, list_observations_, [this](auto& call, auto& request, auto* response) {
          return observations_.List(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* CompareObservations(Context* context, const Bytes* in,
                                                Bytes* out) override {
    return rpc::HandleUnary<v1::CompareObservationsRequest, v1::CompareObservationsResponse>(
        context, in, out, compare_observations_, [this](auto& call, auto& request, auto* response) {
          return observations_.Compare(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* SearchResources(Context* context, const Bytes* in,
                                            Bytes* out) override {
    return rpc::HandleUnary<v1::SearchResourcesRequest, v1::SearchResourcesResponse>(
        context, in, out, search_, [this](auto& call, auto& request, auto* response) {
          return searches_.Search(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* ResolveRegions(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::ResolveRegionsRequest, v1::ResolveRegionsResponse>(
        context, in, out, resolve_, [this](auto& call, auto& request, auto* response) {
          return searches_.Resolve(call, request, response);
        });
  }
  grpc::ServerWriteReactor<Bytes>* WatchResources(Context* context, const Bytes* in) override {
    return rpc::HandleStream<v1::WatchResourcesRequest>(
        context, in, watch_, [this](auto& call, auto& request, auto waker) {
          return reads_.Watch(call, request, std::move(waker));
        });
  }
  grpc::ServerUnaryReactor* ApplyResources(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::ApplyResourcesRequest, v1::ApplyResourcesResponse>(
        context, in, out, apply_, [this](auto& call, auto& request, auto* response) {
          return writes_.Apply(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* DeleteResource(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::DeleteResourceRequest, v1::DeleteResourceResponse>(
        context, in, out, delete_, [this](auto& call, auto& request, auto* response) {
          return writes_.Delete(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* IssueToken(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::IssueTokenRequest, v1::IssueTokenResponse>(
        context, in, out, issue_token_, [this](auto& call, auto& request, auto* response) {
          return writes_.IssueToken(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* BindLog(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::BindLogRequest, v1::BindLogResponse>(
        context, in, out, bind_log_, [this](auto& call, auto& request, auto* response) {
          return writes_.BindLog(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* RankCandidacies(Context* context, const Bytes* in,
                                            Bytes* out) override {
    return rpc::HandleUnary<v1::RankCandidaciesRequest, v1::RankCandidaciesResponse>(
        context, in, out, rank_, [this](auto& call, auto& request, auto* response) {
          return programmes_.Rank(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* AdvanceProgramme(Context* context, const Bytes* in,
                                             Bytes* out) override {
    return rpc::HandleUnary<v1::AdvanceProgrammeRequest, v1::AdvanceProgrammeResponse>(
        context, in, out, advance_, [this](auto& call, auto& request, auto* response) {
          return programmes_.Advance(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* CheckGrant(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::CheckGrantRequest, v1::CheckGrantResponse>(
        context, in, out, check_grant_, [this](auto& call, auto& request, auto* response) {
          return grants_.Check(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* ReportUse(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::ReportUseRequest, v1::ReportUseResponse>(
        context, in, out, report_use_, [this](auto& call, auto& request, auto* response) {
          return uses_.Report(call, request, response);
        });
  }
  grpc::ServerUnaryReactor* ListUse(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<v1::ListUseRequest, v1::ListUseResponse>(
        context, in, out, list_use_, [this](auto& call, auto& request, auto* response) {
          return uses_.List(call, request, response);
        });
  }

 private:
  static rpc::MethodOptions Method(const CatalogServiceOptions& options, std::string_view method,
                                   base::Executor* executor,
                                   size_t max_request_bytes = kMaxRequestBytes) {
    rpc::MethodOptions made;
    made.name = absl::StrCat("/", kCatalogServiceName, "/", method);
    made.max_request_bytes = max_request_bytes;
    made.executor = executor;
    made.authorizer = options.authorizer;
    made.clock = options.clock;
    made.streams = options.streams;
    return made;
  }
  rpc::MethodOptions WriteMethod(const CatalogServiceOptions& options, std::string_view method,
                                 size_t max_request_bytes = kMaxRequestBytes) {
    rpc::MethodOptions made = Method(options, method, options.write_executor, max_request_bytes);
    made.budget = &write_budget_;
    return made;
  }

  const ReadHandlers reads_;
  const SearchHandlers searches_;
  WriteHandlers writes_;
  const ProgrammeHandlers programmes_;
  const ObservationHandlers observations_;
  const GrantHandlers grants_;
  const UseHandlers uses_;
  rpc::RequestBudget write_budget_{kMaxWaitingWriteBytes};
  const rpc::MethodOptions get_;
  const rpc::MethodOptions list_;
  const rpc::MethodOptions batch_get_;
  const rpc::MethodOptions history_;
  const rpc::MethodOptions list_observations_;
  const rpc::MethodOptions compare_observations_;
  const rpc::MethodOptions search_;
  const rpc::MethodOptions resolve_;
  const rpc::MethodOptions watch_;
  const rpc::MethodOptions apply_;
  const rpc::MethodOptions delete_;
  const rpc::MethodOptions issue_token_;
  const rpc::MethodOptions bind_log_;
  const rpc::MethodOptions rank_;
  const rpc::MethodOptions advance_;
  const rpc::MethodOptions check_grant_;
  const rpc::MethodOptions report_use_;
  const rpc::MethodOptions list_use_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewCatalogService(const CatalogServiceOptions& options) {
  return std::make_unique<CatalogServiceImpl>(options);
}

}  // namespace tidemark::catalog
