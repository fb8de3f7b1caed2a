#ifndef TIDEMARK_SERVICES_CATALOG_API_USE_HANDLERS_H_
#define TIDEMARK_SERVICES_CATALOG_API_USE_HANDLERS_H_

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/rpc/call.h"

namespace tidemark::catalog::v1 {
class ListUseRequest;
class ListUseResponse;
class ReportUseRequest;
class ReportUseResponse;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog {

class Catalog;
class UseBook;

// The methods that add to the sums of use and list them: limits of requests, what the caller's
// organisation may see, amounts. Thread-safe.
class UseHandlers {
 public:
  // Not owned.
  UseHandlers(const Catalog* catalog, UseBook* uses, const base::Clock* clock)
      : catalog_(catalog), uses_(uses), clock_(clock) {}

  absl::Status Report(const rpc::CallContext& call, const v1::ReportUseRequest& request,
                      v1::ReportUseResponse* response) const;
  absl::Status List(const rpc::CallContext& call, const v1::ListUseRequest& request,
                    v1::ListUseResponse* response) const;

 private:
  const Catalog* catalog_;
  UseBook* uses_;
  const base::Clock* clock_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_USE_HANDLERS_H_
