#include "common/status/status_macros.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/statistic_question.h"
#include "services/analytics/statistics/concentration/concentration.h"
#include "tidemark/analytics/v1/concentration.pb.h"

namespace tidemark::analytics {

absl::Status GetConcentration(const StatisticRunner& runner, const StatisticCall& call,
                              const v1::ConcentrationRequest& request,
                              v1::ConcentrationResponse* response) {
  TM_ASSIGN_OR_RETURN(Query query, OrderedQueryOf(request));
  for (const v1::Dimension& dimension : request.dimensions())
    query.dimensions.push_back({dimension.name(), dimension.level()});
  TM_ASSIGN_OR_RETURN(const Table cells, ComputeConcentration(call.context, query));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, cells, "concentration", response->mutable_cells()));
  runner.WriteMeta(call, cells.effects_scanned, cells.row_count, response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
