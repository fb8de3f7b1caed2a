#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CATALOG_READER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CATALOG_READER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tidemark/catalog/v1/observation_reads.pb.h"
#include "tidemark/catalog/v1/observations.pb.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::analytics {

// CatalogReader: what the catalog said at a version of things that CatalogView does not hold:
// indicators, series, targets, official figures, rights. What was said at a version never changes,
// so the answers are as good as the snapshot's own data. Thread-safe. May take a call to the
// catalog: not for threads that must be back soon.
//
// Errors: UNAVAILABLE (CATALOG_UNREACHABLE).
class CatalogReader {
 public:
  virtual ~CatalogReader() = default;

  using Resources = std::shared_ptr<const std::vector<catalog::v1::Resource>>;
  using Observations = std::shared_ptr<const std::vector<catalog::v1::Observation>>;

  // `indicators/ID` and the like. NOT_FOUND: there is none at that version. INVALID_ARGUMENT: it is
  // no name.
  virtual absl::StatusOr<std::shared_ptr<const catalog::v1::Resource>> Get(std::string_view name,
                                                                           uint64_t version) = 0;
  // All of a collection, such as `targets`, by name. `filter`: as ListResourcesRequest.filter.
  virtual absl::StatusOr<Resources> List(std::string_view collection, std::string_view filter,
                                         uint64_t version) = 0;
  // What stands of the figures of the filter, in the order of ListObservations. NOT_FOUND: no such
  // series, indicator or region. RESOURCE_EXHAUSTED (TOO_MANY_OBSERVATIONS): more than a million.
  virtual absl::StatusOr<Observations> ListObservations(
      const catalog::v1::ObservationFilter& filter, uint64_t version) = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CATALOG_READER_H_
