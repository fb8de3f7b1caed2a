#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_COMPARE_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_COMPARE_H_

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/observations/observation_position.h"
#include "services/catalog/observations/observation_query.h"

namespace tidemark::catalog {

// What is compared with what.
struct ComparedStates {
  AsOf before;
  AsOf after;
  // Not null: `after` is `before` with this vintage read on top.
  std::shared_ptr<const StatedVintage> proposed;
  // Numbers that differ by at most this share of the one before count as equal.
  Decimal tolerance;
};

// Of all pages together.
struct DifferenceCounts {
  uint64_t added = 0;
  uint64_t revised = 0;
  uint64_t relabelled = 0;
  uint64_t removed = 0;
  uint64_t unchanged = 0;
};

struct DifferencePage {
  std::vector<v1::ObservationDifference> differences;
  // Where the next page goes on; nothing: there is none.
  std::optional<ObservationPosition> next;
  // Of the first page only: it looks at every cell, whatever the limits.
  DifferenceCounts counts;
};

// A page of the cells that differ, in the order of ListObservations. Holds one row of both states
// in memory. CANCELLED.
absl::StatusOr<DifferencePage> CompareObservations(const Catalog& catalog,
                                                   const ObservationIndex& index,
                                                   const ObservationQuery& query,
                                                   const ComparedStates& states,
                                                   const std::optional<ObservationPosition>& after,
                                                   const PageLimits& limits);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_COMPARE_H_
