#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_LIST_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_LIST_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "services/catalog/observations/observation_position.h"
#include "services/catalog/observations/observation_query.h"

namespace tidemark::catalog {

struct ObservationPage {
  std::vector<v1::Observation> observations;
  // Where the next page goes on; nothing: there is none.
  std::optional<ObservationPosition> next;
};

// A page of observations in a state, by series, region, first and last day of the period and, with
// `every_vintage`, what stands below first. `after` nothing: from the first. Holds one row in
// memory: the cells of a series in a region, of all vintages with `every_vintage`. CANCELLED.
absl::StatusOr<ObservationPage> ListObservations(const Catalog& catalog,
                                                 const ObservationIndex& index,
                                                 const ObservationQuery& query, const AsOf& state,
                                                 bool every_vintage,
                                                 const std::optional<ObservationPosition>& after,
                                                 const PageLimits& limits);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_LIST_H_
