#include "services/analytics/statistics/statistic_context.h"

#include <utility>

#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/query/open_codes.h"
#include "services/analytics/statistics/denominators/load_denominators.h"

namespace tidemark::analytics {
namespace {

absl::StatusOr<Plan> MakeOpenPlan(const StatisticContext& context, const Query& query) {
  TM_ASSIGN_OR_RETURN(
      Plan plan,
      MakePlan(query, {.view = context.view,
                       .calendar = context.calendar.get(),
                       .snapshot = context.snapshot,
                       .event_times = context.store->EventTimes(context.snapshot.log_size),
                       .region_scope = context.region_scope,
                       .source_days = context.source_days}));
  // Which codes others reported is nothing that a confined caller is told.
  if (context.region_scope.empty()) TM_RETURN_IF_ERROR(CheckOpenCodes(plan, *context.store));
  return plan;
}

}  // namespace

absl::StatusOr<Plan> PlanQuery(const StatisticContext& context, const Query& query) {
  absl::StatusOr<Plan> plan = MakeOpenPlan(context, query);
  if (!plan.ok()) return status::WithFieldPrefix(plan.status(), "query.", "");
  return plan;
}

absl::StatusOr<AskedCells> AskCells(const StatisticContext& context, const Query& query) {
  AskedCells asked;
  TM_ASSIGN_OR_RETURN(asked.plan, PlanQuery(context, query));
  TM_ASSIGN_OR_RETURN(asked.engine_plan, MakeEnginePlan(asked.plan, *context.store));
  asked.engine_plan.query.stop = context.stop;
  TM_ASSIGN_OR_RETURN(asked.result, AskStore(asked.plan, asked.engine_plan, *context.store));
  return asked;
}

std::string NameOfPeriod(const Plan& plan, uint32_t period) {
  if (!plan.HasPeriods()) return "";
  if (!plan.period_name.empty()) return plan.period_name;
  return plan.calendar->Name(plan.periods[period].period);
}

absl::StatusOr<Table> AskTable(const StatisticContext& context, const Query& query) {
  TM_ASSIGN_OR_RETURN(Plan plan, PlanQuery(context, query));
  TM_RETURN_IF_ERROR(LoadDenominators(context.catalog, &plan));
  return Answer(plan, *context.store, context.stop);
}

}  // namespace tidemark::analytics
