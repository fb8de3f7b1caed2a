#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/statistic_question.h"
#include "services/analytics/statistics/flows/flows.h"
#include "tidemark/analytics/v1/flows.pb.h"

namespace tidemark::analytics {
namespace {

constexpr int kMaxGroups = 16;
constexpr std::string_view kGroupPrefix = "regionGroups/";

absl::Status FindGroups(const catalog_client::CatalogView& view, const v1::FlowsRequest& request,
                        std::vector<catalog_client::Ordinal>* groups) {
  if (request.region_groups_size() > kMaxGroups) {
    return status::InvalidArgument(
        "region_groups",
        absl::StrCat(request.region_groups_size(), " groups; want at most ", kMaxGroups),
        "TOO_MANY");
  }
  for (int i = 0; i < request.region_groups_size(); ++i) {
    const std::string_view name = request.region_groups(i);
    const std::string_view id = absl::StripPrefix(name, kGroupPrefix);
    const auto* const group = view.region_groups().Find(id);
    if (group != nullptr && id.size() == name.size()) {
      return status::InvalidArgument(
          absl::StrCat("region_groups[", i, "]"),
          absl::StrCat("`", name, "` is no resource name; write ", kGroupPrefix, name),
          "INVALID_NAME");
    }
    if (group == nullptr) {
      return status::InvalidArgument(
          absl::StrCat("region_groups[", i, "]"),
          absl::StrCat("`", name.substr(0, 256),
                       "` is not a region group (`regionGroups/...`) in the catalog at this "
                       "snapshot",
                       view.NearestHint(catalog_client::EntityType::kRegionGroup, id)),
          "UNKNOWN_CODE");
    }
    groups->push_back(group->ordinal);
  }
  return absl::OkStatus();
}

absl::StatusOr<FlowsQuestion> MakeQuestion(const StatisticCall& call,
                                           const v1::FlowsRequest& request) {
  if (!v1::FlowEnd_IsValid(request.to())) {
    return status::InvalidArgument("to", "want SELLER or PLACE_OF_USE", "UNKNOWN_VALUE");
  }
  FlowsQuestion question{.level = request.level()};
  TM_ASSIGN_OR_RETURN(question.query, OrderedQueryOf(request));
  if (request.to() == v1::FLOW_END_PLACE_OF_USE) question.to = "place_of_use";
  TM_RETURN_IF_ERROR(FindGroups(*call.context.view, request, &question.groups));
  return question;
}

}  // namespace

absl::Status GetFlows(const StatisticRunner& runner, const StatisticCall& call,
                      const v1::FlowsRequest& request, v1::FlowsResponse* response) {
  TM_ASSIGN_OR_RETURN(const FlowsQuestion question, MakeQuestion(call, request));
  const absl::StatusOr<Flows> flows = ComputeFlows(call.context, question);
  if (!flows.ok()) return status::WithFieldPrefix(flows.status(), "dimensions[0].", "");
  TM_RETURN_IF_ERROR(WriteWholeTable(call, flows->flows, "flows", response->mutable_flows()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, flows->places, "places", response->mutable_places()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, flows->totals, "totals", response->mutable_totals()));
  if (!question.groups.empty()) {
    TM_RETURN_IF_ERROR(WriteWholeTable(call, flows->groups, "groups", response->mutable_groups()));
  }
  runner.WriteMeta(call, flows->effects_scanned, flows->flows.row_count, response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
