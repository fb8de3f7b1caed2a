#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_QUERY_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_QUERY_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/observations/observation_index.h"
#include "services/catalog/observations/stated_cells.h"
#include "tidemark/catalog/v1/observation_reads.pb.h"

namespace tidemark::catalog {

// Which cells are read, judged.
struct ObservationQuery {
  // By name, each once.
  std::vector<std::string> series;
  // Empty: all.
  std::vector<std::string> regions;
  CellFilter cells;
};

// `version`: as Catalog::ResolveVersion gave it. INVALID_ARGUMENT; NOT_FOUND: a series, indicator
// or region that does not exist at the version.
absl::StatusOr<ObservationQuery> QueryOf(const Catalog& catalog,
                                         const v1::ObservationFilter& filter, uint64_t version);

// INVALID_ARGUMENT, OUT_OF_RANGE, on `field`.
absl::StatusOr<AsOf> AsOfState(const Catalog& catalog, std::string_view field,
                               const v1::ObservationState& state);

// What a page may hold and cost.
struct PageLimits {
  size_t page_size = 500;
  size_t max_bytes = size_t{1} << 20;
  // Cells looked at, after which a page ends with the row that it is in.
  size_t max_looked = 1'000'000;
  // Asked between rows.
  std::function<bool()> cancelled = [] { return false; };
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_QUERY_H_
