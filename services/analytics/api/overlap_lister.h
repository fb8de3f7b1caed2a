#ifndef TIDEMARK_SERVICES_ANALYTICS_API_OVERLAP_LISTER_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_OVERLAP_LISTER_H_

#include "absl/status/status.h"
#include "common/rpc/authorizer.h"
#include "common/rpc/call.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/domain/link_fold.h"
#include "services/analytics/domain/stat_store.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {

// OverlapLister: answers ListOverlaps, from what the fold remembers of transactions. Thread-safe.
// Costs time for every event that hangs together with others, and memory for each of a transaction;
// the fold goes on meanwhile.
class OverlapLister {
 public:
  // Nothing is owned.
  OverlapLister(QueryHandler* queries, const LinkFold* links, const StatStore* store)
      : queries_(*queries), links_(*links), store_(*store) {}

  // The snapshot asked for, as the resolver of queries is asked for it.
  static v1::QueryRequest SnapshotRequest(const v1::ListOverlapsRequest& request);
  // What can be refused before anything is folded. Errors as in analytics_service.proto.
  absl::Status Check(const rpc::Caller& caller, const v1::ListOverlapsRequest& request) const;
  // The resolver must be ready for it. Ends with CANCELLED when the call is.
  absl::Status List(const rpc::CallContext& call, const v1::ListOverlapsRequest& request,
                    v1::ListOverlapsResponse* response) const;

 private:
  QueryHandler& queries_;
  const LinkFold& links_;
  const StatStore& store_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_OVERLAP_LISTER_H_
