#ifndef TIDEMARK_SERVICES_ANALYTICS_API_SOURCE_DAY_LISTER_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_SOURCE_DAY_LISTER_H_

#include "absl/status/status.h"
#include "common/rpc/authorizer.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/domain/link_fold.h"
#include "services/analytics/domain/source_day.h"
#include "services/analytics/domain/stat_store.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {

// Answers ListSourceDays. `queries` knows snapshots and their catalogs. Errors as in
// analytics_service.proto.
absl::Status ListSourceDays(const rpc::Caller& caller, const v1::ListSourceDaysRequest& request,
                            QueryHandler& queries, const StatStore& store, const LinkFold& links,
                            const SourceDays& source_days, v1::ListSourceDaysResponse* response);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_SOURCE_DAY_LISTER_H_
