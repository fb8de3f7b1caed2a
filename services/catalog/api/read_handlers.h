#ifndef TIDEMARK_SERVICES_CATALOG_API_READ_HANDLERS_H_
#define TIDEMARK_SERVICES_CATALOG_API_READ_HANDLERS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/rpc/call.h"
#include "common/rpc/raw_stream.h"
#include "services/catalog/api/list_cache.h"
#include "services/catalog/domain/catalog.h"

namespace tidemark::catalog::v1 {
class BatchGetResourcesRequest;
class BatchGetResourcesResponse;
class GetResourceRequest;
class GetResourceResponse;
class ListResourceHistoryRequest;
class ListResourceHistoryResponse;
class ListResourcesRequest;
class ListResourcesResponse;
class WatchResourcesRequest;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog {

class WatchHub;

// The methods that change nothing: limits and defaults of the request, what the caller's role
// lets it see, conversion. The caller was let in by the table of methods before. Thread-safe.
class ReadHandlers {
 public:
  struct Options {
    // Not owned.
    const Catalog* catalog = nullptr;
    WatchHub* hub = nullptr;
    const base::Clock* clock = nullptr;
    // Of long lists.
    redis::Cache* cache = nullptr;
  };
  explicit ReadHandlers(Options options) : options_(options), list_cache_(options.cache) {}

  absl::Status Get(const rpc::CallContext& call, const v1::GetResourceRequest& request,
                   v1::GetResourceResponse* response) const;
  absl::Status List(const rpc::CallContext& call, const v1::ListResourcesRequest& request,
                    v1::ListResourcesResponse* response) const;
  absl::Status BatchGet(const rpc::CallContext& call, const v1::BatchGetResourcesRequest& request,
                        v1::BatchGetResourcesResponse* response) const;
  absl::Status History(const rpc::CallContext& call, const v1::ListResourceHistoryRequest& request,
                       v1::ListResourceHistoryResponse* response) const;
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch(
      const rpc::CallContext& call, const v1::WatchResourcesRequest& request,
      std::shared_ptr<rpc::StreamWaker> waker) const;

 private:
  absl::Status ListUncached(const ListQuery& query, bool secret_hashes,
                            const std::string& pages_key, v1::ListResourcesResponse* response,
                            size_t* scanned) const;

  const Options options_;
  mutable ListCache list_cache_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_READ_HANDLERS_H_
