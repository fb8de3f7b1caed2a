#ifndef TIDEMARK_SERVICES_CATALOG_API_GRANT_HANDLERS_H_
#define TIDEMARK_SERVICES_CATALOG_API_GRANT_HANDLERS_H_

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/rpc/call.h"

namespace tidemark::catalog::v1 {
class CheckGrantRequest;
class CheckGrantResponse;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog {

class Catalog;
class UseBook;

// CheckGrant. Thread-safe.
class GrantHandlers {
 public:
  // Not owned.
  GrantHandlers(const Catalog* catalog, UseBook* uses, const base::Clock* clock)
      : catalog_(catalog), uses_(uses), clock_(clock) {}

  absl::Status Check(const rpc::CallContext& call, const v1::CheckGrantRequest& request,
                     v1::CheckGrantResponse* response) const;

 private:
  const Catalog* catalog_;
  UseBook* uses_;
  const base::Clock* clock_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_GRANT_HANDLERS_H_
