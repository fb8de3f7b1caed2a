#ifndef TIDEMARK_SERVICES_ANALYTICS_API_EXCEPTION_LISTER_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_EXCEPTION_LISTER_H_

#include "absl/status/status.h"
#include "common/rpc/authorizer.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/domain/link_fold.h"
#include "services/analytics/domain/stat_store.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {

// Answers ListExceptions. `queries` knows catalogs of snapshots. Errors as in
// analytics_service.proto.
absl::Status ListExceptions(const rpc::Caller& caller, const v1::ListExceptionsRequest& request,
                            const QueryHandler& queries, const LinkFold& links,
                            const StatStore& store, v1::ListExceptionsResponse* response);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_EXCEPTION_LISTER_H_
