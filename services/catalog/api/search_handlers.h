#ifndef TIDEMARK_SERVICES_CATALOG_API_SEARCH_HANDLERS_H_
#define TIDEMARK_SERVICES_CATALOG_API_SEARCH_HANDLERS_H_

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "services/catalog/domain/catalog.h"

namespace tidemark::catalog::v1 {
class ResolveRegionsRequest;
class ResolveRegionsResponse;
class SearchResourcesRequest;
class SearchResourcesResponse;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog {

class SearchIndex;

// The methods that find resources by what people type: limits and defaults of the requests,
// conversion. Thread-safe.
class SearchHandlers {
 public:
  // Not owned. `index` follows `catalog`.
  SearchHandlers(const Catalog* catalog, const SearchIndex* index)
      : catalog_(catalog), index_(index) {}

  absl::Status Search(const rpc::CallContext& call, const v1::SearchResourcesRequest& request,
                      v1::SearchResourcesResponse* response) const;
  absl::Status Resolve(const rpc::CallContext& call, const v1::ResolveRegionsRequest& request,
                       v1::ResolveRegionsResponse* response) const;

 private:
  absl::Status CheckReached(uint64_t min_version) const;
  absl::Status CheckWithin(const std::string& within) const;

  const Catalog* const catalog_;
  const SearchIndex* const index_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_SEARCH_HANDLERS_H_
