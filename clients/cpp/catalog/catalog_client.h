#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_CLIENT_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace tidemark::catalog_client {

// CatalogClient: blocking calls of tidemark.catalog.v1.CatalogService with token and deadline;
// errors come as absl::Status with their details (common/status/error.h). For watching use
// CatalogWatcher. Thread-safe.
class CatalogClient {
 public:
  struct Options {
    std::shared_ptr<grpc::Channel> channel;
    std::string token;
    // Of each call.
    absl::Duration timeout = absl::Seconds(30);
  };
  explicit CatalogClient(Options options);
  ~CatalogClient();

  absl::StatusOr<catalog::v1::GetResourceResponse> GetResource(
      const catalog::v1::GetResourceRequest& request);
  absl::StatusOr<catalog::v1::ListResourcesResponse> ListResources(
      const catalog::v1::ListResourcesRequest& request);
  absl::StatusOr<catalog::v1::BatchGetResourcesResponse> BatchGetResources(
      const catalog::v1::BatchGetResourcesRequest& request);
  absl::StatusOr<catalog::v1::ApplyResourcesResponse> ApplyResources(
      const catalog::v1::ApplyResourcesRequest& request);
  absl::StatusOr<catalog::v1::DeleteResourceResponse> DeleteResource(
      const catalog::v1::DeleteResourceRequest& request);
  absl::StatusOr<catalog::v1::ListResourceHistoryResponse> ListResourceHistory(
      const catalog::v1::ListResourceHistoryRequest& request);
  absl::StatusOr<catalog::v1::IssueTokenResponse> IssueToken(
      const catalog::v1::IssueTokenRequest& request);
  absl::StatusOr<catalog::v1::SearchResourcesResponse> SearchResources(
      const catalog::v1::SearchResourcesRequest& request);
  absl::StatusOr<catalog::v1::ResolveRegionsResponse> ResolveRegions(
      const catalog::v1::ResolveRegionsRequest& request);
  absl::StatusOr<catalog::v1::BindLogResponse> BindLog(const catalog::v1::BindLogRequest& request);
  absl::StatusOr<catalog::v1::RankCandidaciesResponse> RankCandidacies(
      const catalog::v1::RankCandidaciesRequest& request);
  absl::StatusOr<catalog::v1::AdvanceProgrammeResponse> AdvanceProgramme(
      const catalog::v1::AdvanceProgrammeRequest& request);
  absl::StatusOr<catalog::v1::ListObservationsResponse> ListObservations(
      const catalog::v1::ListObservationsRequest& request);
  absl::StatusOr<catalog::v1::CompareObservationsResponse> CompareObservations(
      const catalog::v1::CompareObservationsRequest& request);
  absl::StatusOr<catalog::v1::CheckGrantResponse> CheckGrant(
      const catalog::v1::CheckGrantRequest& request);
  absl::StatusOr<catalog::v1::ReportUseResponse> ReportUse(
      const catalog::v1::ReportUseRequest& request);
  absl::StatusOr<catalog::v1::ListUseResponse> ListUse(const catalog::v1::ListUseRequest& request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_CLIENT_H_
