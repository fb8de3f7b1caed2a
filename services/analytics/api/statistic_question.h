#ifndef TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_QUESTION_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_QUESTION_H_

#include "absl/status/statusor.h"
#include "common/status/error.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/query/query.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics {

// Which events and periods a request of a statistic asks for: its `range`, `grain` and `filters`.
// INVALID_ARGUMENT (UNKNOWN_GRAIN), field `grain`.
template <typename Request>
absl::StatusOr<Query> QueryOf(const Request& request) {
  v1::Query query;
  *query.mutable_filters() = request.filters();
  *query.mutable_range() = request.range();
  query.set_grain(request.grain());
  if (!IsKnownGrain(query)) {
    return status::InvalidArgument("grain", "this release does not know it", "UNKNOWN_GRAIN");
  }
  return FromProto(query);
}

// The same with its `order_by` and `limit`.
template <typename Request>
absl::StatusOr<Query> OrderedQueryOf(const Request& request) {
  absl::StatusOr<Query> query = QueryOf(request);
  if (!query.ok()) return query;
  for (const v1::OrderBy& order : request.order_by())
    query->order_by.push_back({order.column(), order.descending()});
  query->limit = request.limit();
  return query;
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_STATISTIC_QUESTION_H_
