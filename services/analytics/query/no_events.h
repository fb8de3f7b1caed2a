#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_NO_EVENTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_NO_EVENTS_H_

#include "services/analytics/query/plan.h"

namespace tidemark::analytics {

// Why no row of the plan's answer has an event, as far as the catalog tells: NO_EVENTS.
PlanNote NoEvents(const Plan& plan);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_NO_EVENTS_H_
