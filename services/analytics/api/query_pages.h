#ifndef TIDEMARK_SERVICES_ANALYTICS_API_QUERY_PAGES_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_QUERY_PAGES_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/analytics/api/query_parts.h"

namespace tidemark::analytics {

class QueryHandler::Pages {
 public:
  // The next page as a serialized v1::QueryResponse; none after the last. The use of an asset is
  // permitted and counted for every page by itself. Errors as Query's.
  absl::StatusOr<std::optional<std::string>> Next();
  // About what it holds.
  size_t bytes() const { return BytesOf(*table_); }

 private:
  friend class QueryHandler;
  Pages(QueryHandler* handler, const rpc::CallContext* call, const v1::QueryRequest& request,
        Asked asked, std::shared_ptr<const Table> table);

  QueryHandler& handler_;
  const rpc::CallContext& call_;
  const v1::QueryRequest request_;
  Asked asked_;
  const std::shared_ptr<const Table> table_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_QUERY_PAGES_H_
