#include "clients/cli/commands/statistic_requests.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cpp/query/parse.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {

namespace v1 = analytics::v1;

absl::StatusOr<v1::ForecastRequest> MakeForecastRequest(const ForecastQuestion& question) {
  const auto query = query::ParseQuery(question.query);
  if (!query.ok()) return UsageError(query.status());
  v1::Query rest = *query;
  rest.clear_measures();
  rest.clear_filters();
  rest.clear_range();
  rest.clear_grain();
  if (query->measures_size() != 1 || rest.ByteSizeLong() != 0) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("`", question.query,
                     "`: want one measure, such as gross, and clauses by (a period only), where, "
                     "from, to and in")));
  }
  v1::ForecastRequest request;
  *request.mutable_measure() = query->measures(0);
  *request.mutable_filters() = query->filters();
  if (query->has_range()) *request.mutable_range() = query->range();
  request.set_grain(query->grain());
  request.set_horizon(question.horizon);
  request.set_season(question.season);
  request.set_join_january_february(question.join_january_february);
  request.set_back_test_origins(question.origins);
  return request;
}

absl::StatusOr<v1::FlowsRequest> MakeFlowsRequest(const FlowsQuestion& question) {
  v1::FlowsRequest request;
  TM_RETURN_IF_ERROR(SetClauses(question.clauses, &request));
  request.set_level(question.level);
  request.set_to(question.to == "place_of_use" ? v1::FLOW_END_PLACE_OF_USE : v1::FLOW_END_SELLER);
  for (const std::string& group : question.groups)
    request.add_region_groups(FullName("regionGroups", group));
  return request;
}

absl::StatusOr<v1::GetAvailabilityRequest> MakeAvailabilityRequest(const std::string& clauses) {
  TM_ASSIGN_OR_RETURN(const v1::Query query, ParseClauses(clauses));
  if (query.dimensions_size() > 1 || query.limit() != 0) {
    return UsageError(absl::InvalidArgumentError(
        "want at most one place in `by`, such as consumer_region@city, and no limit"));
  }
  v1::GetAvailabilityRequest request;
  if (query.dimensions_size() == 1) *request.mutable_place() = query.dimensions(0);
  if (query.has_range()) *request.mutable_range() = query.range();
  request.set_grain(query.grain());
  *request.mutable_filters() = query.filters();
  return request;
}

absl::StatusOr<v1::ConcentrationRequest> MakeConcentrationRequest(const std::string& clauses) {
  v1::ConcentrationRequest request;
  TM_ASSIGN_OR_RETURN(const v1::Query query, ParseClauses(clauses, /*ordered=*/true));
  SetClauses(query, &request);
  *request.mutable_dimensions() = query.dimensions();
  return request;
}

absl::StatusOr<v1::CoConsumptionRequest> MakeCoConsumptionRequest(
    const CoConsumptionQuestion& question) {
  v1::CoConsumptionRequest request;
  TM_RETURN_IF_ERROR(SetClauses(question.clauses, &request));
  const size_t at = question.of.find('@');
  request.mutable_dimension()->set_name(question.of.substr(0, at));
  if (at != std::string::npos) request.mutable_dimension()->set_level(question.of.substr(at + 1));
  request.set_goods_and_services(question.goods_and_services);
  request.set_within_days(question.within_days);
  return request;
}

}  // namespace tidemark::cli
