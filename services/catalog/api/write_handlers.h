#ifndef TIDEMARK_SERVICES_CATALOG_API_WRITE_HANDLERS_H_
#define TIDEMARK_SERVICES_CATALOG_API_WRITE_HANDLERS_H_

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/rpc/call.h"
#include "services/catalog/api/issued_tokens.h"
#include "services/catalog/domain/catalog.h"

namespace tidemark::catalog::v1 {
class ApplyResourcesRequest;
class ApplyResourcesResponse;
class BindLogRequest;
class BindLogResponse;
class DeleteResourceRequest;
class DeleteResourceResponse;
class IssueTokenRequest;
class IssueTokenResponse;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog {

// The methods that change the catalog: limits of the request, fine rules of access, conversion.
// The caller was let in by the table of methods before. Thread-safe.
class WriteHandlers {
 public:
  // Not owned.
  WriteHandlers(Catalog* catalog, const base::Clock* clock) : catalog_(catalog), clock_(clock) {}

  absl::Status Apply(const rpc::CallContext& call, const v1::ApplyResourcesRequest& request,
                     v1::ApplyResourcesResponse* response);
  absl::Status Delete(const rpc::CallContext& call, const v1::DeleteResourceRequest& request,
                      v1::DeleteResourceResponse* response);
  absl::Status IssueToken(const rpc::CallContext& call, const v1::IssueTokenRequest& request,
                          v1::IssueTokenResponse* response);
  absl::Status BindLog(const rpc::CallContext& call, const v1::BindLogRequest& request,
                       v1::BindLogResponse* response);

 private:
  Catalog* const catalog_;
  const base::Clock* const clock_;
  IssuedTokens issued_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_WRITE_HANDLERS_H_
