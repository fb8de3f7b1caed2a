#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_NESTED_PLACES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_NESTED_PLACES_H_

#include <optional>
#include <vector>

#include "clients/cpp/catalog/catalog_view.h"
#include "services/analytics/query/plan.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// NESTED_PLACES where one of the places lies in another by the view's hierarchy: names the first
// such place by code, with the nearest that it lies in. What is UNKNOWN or UNALLOCATED is none.
std::optional<PlanNote> NestedPlaces(const catalog_client::CatalogView& view,
                                     const std::vector<Member>& places);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_NESTED_PLACES_H_
