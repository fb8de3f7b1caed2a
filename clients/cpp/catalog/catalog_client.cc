#include "clients/cpp/catalog/catalog_client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::catalog_client {

namespace pb = catalog::v1;

struct CatalogClient::Impl {
  using Stub = pb::CatalogService::Stub;

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, options.token, options.timeout);
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (!status.ok()) return status::FromGrpcStatus(status);
    return response;
  }

  Options options;
  std::unique_ptr<Stub> stub;
};

CatalogClient::CatalogClient(Options options) : impl_(std::make_unique<Impl>()) {
  impl_->stub = pb::CatalogService::NewStub(options.channel);
  impl_->options = std::move(options);
}

CatalogClient::~CatalogClient() = default;

absl::StatusOr<pb::GetResourceResponse> CatalogClient::GetResource(
    const pb::GetResourceRequest& request) {
  return impl_->Call(&Impl::Stub::GetResource, request);
}

absl::StatusOr<pb::ListResourcesResponse> CatalogClient::ListResources(
    const pb::ListResourcesRequest& request) {
  return impl_->Call(&Impl::Stub::ListResources, request);
}

absl::StatusOr<pb::BatchGetResourcesResponse> CatalogClient::BatchGetResources(
    const pb::BatchGetResourcesRequest& request) {
  return impl_->Call(&Impl::Stub::BatchGetResources, request);
}

absl::StatusOr<pb::ApplyResourcesResponse> CatalogClient::ApplyResources(
    const pb::ApplyResourcesRequest& request) {
  return impl_->Call(&Impl::Stub::ApplyResources, request);
}

absl::StatusOr<pb::DeleteResourceResponse> CatalogClient::DeleteResource(
    const pb::DeleteResourceRequest& request) {
  return impl_->Call(&Impl::Stub::DeleteResource, request);
}

absl::StatusOr<pb::ListResourceHistoryResponse> CatalogClient::ListResourceHistory(
    const pb::ListResourceHistoryRequest& request) {
  return impl_->Call(&Impl::Stub::ListResourceHistory, request);
}

absl::StatusOr<pb::IssueTokenResponse> CatalogClient::IssueToken(
    const pb::IssueTokenRequest& request) {
  return impl_->Call(&Impl::Stub::IssueToken, request);
}

absl::StatusOr<pb::SearchResourcesResponse> CatalogClient::SearchResources(
    const pb::SearchResourcesRequest& request) {
  return impl_->Call(&Impl::Stub::SearchResources, request);
}

absl::StatusOr<pb::ResolveRegionsResponse> CatalogClient::ResolveRegions(
    const pb::ResolveRegionsRequest& request) {
  return impl_->Call(&Impl::Stub::ResolveRegions, request);
}

absl::StatusOr<pb::BindLogResponse> CatalogClient::BindLog(const pb::BindLogRequest& request) {
  return impl_->Call(&Impl::Stub::BindLog, request);
}

absl::StatusOr<pb::RankCandidaciesResponse> CatalogClient::RankCandidacies(
    const pb::RankCandidaciesRequest& request) {
  return impl_->Call(&Impl::Stub::RankCandidacies, request);
}

absl::StatusOr<pb::AdvanceProgrammeResponse> CatalogClient::AdvanceProgramme(
    const pb::AdvanceProgrammeRequest& request) {
  return impl_->Call(&Impl::Stub::AdvanceProgramme, request);
}

absl::StatusOr<pb::ListObservationsResponse> CatalogClient::ListObservations(
    const pb::ListObservationsRequest& request) {
  return impl_->Call(&Impl::Stub::ListObservations, request);
}

absl::StatusOr<pb::CompareObservationsResponse> CatalogClient::CompareObservations(
    const pb::CompareObservationsRequest& request) {
  return impl_->Call(&Impl::Stub::CompareObservations, request);
}

absl::StatusOr<pb::CheckGrantResponse> CatalogClient::CheckGrant(
    const pb::CheckGrantRequest& request) {
  return impl_->Call(&Impl::Stub::CheckGrant, request);
}

absl::StatusOr<pb::ReportUseResponse> CatalogClient::ReportUse(
    const pb::ReportUseRequest& request) {
  return impl_->Call(&Impl::Stub::ReportUse, request);
}

absl::StatusOr<pb::ListUseResponse> CatalogClient::ListUse(const pb::ListUseRequest& request) {
  return impl_->Call(&Impl::Stub::ListUse, request);
}

}  // namespace tidemark::catalog_client
