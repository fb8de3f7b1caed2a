#include "services/analytics/statistics/denominators/load_denominators.h"

#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/denominators/stated_denominators.h"

namespace tidemark::analytics {

namespace pb = catalog::v1;

absl::StatusOr<std::unique_ptr<const Denominators>> ReadDenominators(CatalogReader& catalog,
                                                                     uint64_t version,
                                                                     const DenominatorKind& kind,
                                                                     const std::string& currency) {
  TM_ASSIGN_OR_RETURN(std::vector<ServingSeries> series,
                      ListServing(catalog, version, kind, currency));
  std::erase_if(series, [](const ServingSeries& one) { return !one.slices.empty(); });
  TM_ASSIGN_OR_RETURN(CatalogReader::Observations figures, ListFigures(catalog, version, series));
  return kind.role == pb::DENOMINATOR_ROLE_GDP ? MakeProducts(series, std::move(figures))
                                               : MakePopulations(series, kind, std::move(figures));
}

absl::Status LoadDenominators(CatalogReader* catalog, Plan* plan) {
  for (PlannedPerHead& per_head : plan->per_head) {
    if (catalog == nullptr) {
      return status::WithReason(
          absl::UnavailableError("this replica reads no official figures; ask another one, or "
                                 "leave out per_capita and ratio_to_gdp"),
          "CATALOG_UNREACHABLE");
    }
    const DenominatorKind kind = {
        .role = per_head.by_population ? pb::DENOMINATOR_ROLE_POPULATION : pb::DENOMINATOR_ROLE_GDP,
        .people = static_cast<pb::PopulationKind>(per_head.people),
        .time = static_cast<pb::PopulationTime>(per_head.time)};
    TM_ASSIGN_OR_RETURN(per_head.denominators,
                        ReadDenominators(*catalog, plan->snapshot.catalog_version, kind,
                                         plan->view->observatory()->currency));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
