#ifndef TIDEMARK_SERVICES_ANALYTICS_API_QUERY_CONVERT_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_QUERY_CONVERT_H_

#include "services/analytics/query/query.h"

namespace tidemark::analytics::v1 {
class Query;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// The message as plain values, with the names of the columns that will answer it. Checks nothing;
// a grain or comparison of a later version comes out as an unknown comparison or as kAll, which
// `IsKnownGrain` finds first.
Query FromProto(const v1::Query& proto);
bool IsKnownGrain(const v1::Query& proto);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_QUERY_CONVERT_H_
