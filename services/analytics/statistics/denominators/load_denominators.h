#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_LOAD_DENOMINATORS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_LOAD_DENOMINATORS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/query/denominators.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/statistics/catalog_reader.h"
#include "services/analytics/statistics/denominators/official_figures.h"

namespace tidemark::analytics {

// Those of the kind without slices. Errors of CatalogReader.
absl::StatusOr<std::unique_ptr<const Denominators>> ReadDenominators(CatalogReader& catalog,
                                                                     uint64_t version,
                                                                     const DenominatorKind& kind,
                                                                     const std::string& currency);

// Reads what the plan divides by, at the catalog version of its snapshot; before Answer. Nothing to
// do where NeedsDenominators() is false. May take calls to the catalog; errors of CatalogReader,
// and UNAVAILABLE (CATALOG_UNREACHABLE) when `catalog` is null.
absl::Status LoadDenominators(CatalogReader* catalog, Plan* plan);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DENOMINATORS_LOAD_DENOMINATORS_H_
