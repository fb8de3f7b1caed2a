#ifndef TIDEMARK_SERVICES_CATALOG_API_OBSERVATION_HANDLERS_H_
#define TIDEMARK_SERVICES_CATALOG_API_OBSERVATION_HANDLERS_H_

#include "absl/status/status.h"
#include "common/rpc/call.h"

namespace tidemark::catalog::v1 {
class CompareObservationsRequest;
class CompareObservationsResponse;
class ListObservationsRequest;
class ListObservationsResponse;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog {

class Catalog;
class ObservationIndex;

// The methods that read official figures: limits and defaults of the request, pages. Thread-safe.
class ObservationHandlers {
 public:
  // Not owned.
  ObservationHandlers(const Catalog* catalog, const ObservationIndex* index)
      : catalog_(catalog), index_(index) {}

  absl::Status List(const rpc::CallContext& call, const v1::ListObservationsRequest& request,
                    v1::ListObservationsResponse* response) const;
  absl::Status Compare(const rpc::CallContext& call, const v1::CompareObservationsRequest& request,
                       v1::CompareObservationsResponse* response) const;

 private:
  const Catalog* catalog_;
  const ObservationIndex* index_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_OBSERVATION_HANDLERS_H_
