#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/plan_words.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::EntityType;

constexpr size_t kMaxCodes = 1000;
constexpr size_t kMaxCodeBytes = 256;
constexpr std::string_view kGroupPrefix = "regionGroups/";
constexpr std::string_view kRegionPrefix = "regions/";

absl::Status UnknownCode(std::string_view field, std::string_view code, std::string_view what,
                         std::string_view hint) {
  return status::InvalidArgument(field,
                                 absl::StrCat("`", code.substr(0, kMaxCodeBytes), "` is not ", what,
                                              " in the catalog at this snapshot", hint),
                                 "UNKNOWN_CODE");
}

absl::Status AddRegion(const CatalogView& view, std::string_view field, std::string_view code,
                       PlannedFilter* filter) {
  if (absl::StartsWith(code, kGroupPrefix)) {
    const std::string_view id = absl::StripPrefix(code, kGroupPrefix);
    const auto* group = view.region_groups().Find(id);
    if (group == nullptr) {
      return UnknownCode(field, code, "a region group",
                         view.NearestHint(EntityType::kRegionGroup, id));
    }
    filter->groups.push_back(group->ordinal);
    return absl::OkStatus();
  }
  const auto* region = view.regions().Find(code);
  if (region == nullptr) {
    return UnknownCode(field, code, "a region", view.NearestHint(EntityType::kRegion, code));
  }
  filter->roots.push_back(region->ordinal);
  return absl::OkStatus();
}

absl::Status AddCode(const CatalogView& view, std::string_view field, const std::string& code,
                     PlannedFilter* filter) {
  const auto check = [&](bool found, EntityType type, std::string_view what) {
    if (found) return absl::OkStatus();
    return UnknownCode(field, code, what, view.NearestHint(type, code));
  };
  switch (filter->word->codes) {
    case CodeKind::kRegions:
      return AddRegion(view, field, code, filter);
    case CodeKind::kCategories: {
      const auto* category = view.categories().Find(code);
      TM_RETURN_IF_ERROR(check(category != nullptr, EntityType::kCategory, "a category"));
      filter->roots.push_back(category->ordinal);
      return absl::OkStatus();
    }
    case CodeKind::kSources:
      TM_RETURN_IF_ERROR(
          check(view.sources().Find(code) != nullptr, EntityType::kSource, "a source"));
      break;
    case CodeKind::kSchemes:
      TM_RETURN_IF_ERROR(check(view.schemes().Find(code) != nullptr, EntityType::kIdentifierScheme,
                               "an identifier scheme"));
      break;
    case CodeKind::kEnumeration:
    case CodeKind::kOpen:
      break;
  }
  filter->codes.push_back(code);
  return absl::OkStatus();
}

std::string PathOf(size_t index) { return absl::StrCat("query.filters[", index, "]"); }

absl::Status CheckCode(const DimensionWord* word, std::string_view code, std::string_view field) {
  if (code.empty()) {
    return status::InvalidArgument(field, "empty; set `unknown` to keep events without the field",
                                   "CODE_EMPTY");
  }
  if (word == nullptr || word->codes != CodeKind::kEnumeration) return absl::OkStatus();
  if (std::find(word->values.begin(), word->values.end(), code) != word->values.end()) {
    return absl::OkStatus();
  }
  return status::InvalidArgument(
      field,
      absl::StrCat("`", code.substr(0, kMaxCodeBytes), "` is not a code of ", word->name,
                   NearestWords(code, {word->values.begin(), word->values.end()})),
      "UNKNOWN_CODE");
}

absl::Status CheckFilter(const Query& query, size_t index) {
  const Query::Filter& filter = query.filters[index];
  const std::string path = PathOf(index);
  const DimensionWord* word = FindDimension(filter.dimension);
  if (word == nullptr && filter.dimension != "order") {
    std::vector<std::string_view> names = {"order"};
    for (const DimensionWord& known : DimensionWords()) names.push_back(known.name);
    return status::InvalidArgument(path + ".dimension",
                                   absl::StrCat("`", filter.dimension, "` is not a dimension",
                                                NearestWords(filter.dimension, names)),
                                   "UNKNOWN_DIMENSION");
  }
  for (size_t i = 0; i < index; ++i) {
    const Query::Filter& other = query.filters[i];
    if (!filter.added && other.dimension == filter.dimension && other.exclude == filter.exclude) {
      return status::InvalidArgument(
          path,
          absl::StrCat("a second ", filter.exclude ? "excluding" : "keeping", " filter on `",
                       filter.dimension, "`; put the codes into one"),
          "DUPLICATE");
    }
  }
  if (filter.codes.empty() && !filter.unknown) {
    return status::InvalidArgument(path + ".codes", "empty; name a code, or set `unknown`",
                                   "MISSING");
  }
  if (filter.codes.size() > kMaxCodes) {
    return status::InvalidArgument(
        path + ".codes", absl::StrCat(filter.codes.size(), " codes; want at most ", kMaxCodes),
        "TOO_MANY");
  }
  for (size_t i = 0; i < filter.codes.size(); ++i) {
    TM_RETURN_IF_ERROR(CheckCode(word, filter.codes[i], absl::StrCat(path, ".codes[", i, "]")));
  }
  return absl::OkStatus();
}

// That nothing is counted would be said of places that nobody knows.
absl::Status CheckMembersKnown(const CatalogView& view, std::string_view field,
                               const PlannedFilter& filter) {
  if (filter.exclude || filter.unknown || filter.groups.empty() || !filter.roots.empty()) {
    return absl::OkStatus();
  }
  for (const catalog_client::Ordinal ordinal : filter.groups) {
    if (!view.region_groups()[ordinal].members.empty()) return absl::OkStatus();
  }
  const auto& group = view.region_groups()[filter.groups.front()];
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          field, ": the catalog knows no member of regionGroups/", group.id, ", which announces ",
          group.declared_count, "; add its members, or name others beside it")),
      "MEMBERSHIP_UNKNOWN");
}

absl::Status PlanFilter(const Query& query, size_t index, Plan* plan) {
  const Query::Filter& filter = query.filters[index];
  PlannedFilter planned{.word = FindDimension(filter.dimension),
                        .unknown = filter.unknown,
                        .exclude = filter.exclude};
  for (size_t i = 0; i < filter.codes.size(); ++i) {
    if (planned.word == nullptr) {
      planned.codes.push_back(filter.codes[i]);
    } else {
      TM_RETURN_IF_ERROR(AddCode(*plan->view, absl::StrCat(PathOf(index), ".codes[", i, "]"),
                                 filter.codes[i], &planned));
    }
  }
  TM_RETURN_IF_ERROR(CheckMembersKnown(*plan->view, PathOf(index) + ".codes", planned));
  plan->filters.push_back(std::move(planned));
  return absl::OkStatus();
}

absl::Status PlanScope(const std::string& scope, Plan* plan) {
  PlannedFilter planned{.word = FindDimension("consumer_region"), .at_event = true};
  const std::string_view code = absl::StripPrefix(scope, kRegionPrefix);
  if (!AddRegion(*plan->view, "region_scope", code, &planned).ok()) {
    return status::WithReason(absl::PermissionDeniedError(absl::StrCat(
                                  "the token may read only ", scope,
                                  ", which the catalog does not have at this snapshot; ask an "
                                  "administrator for a token with another region_scope")),
                              "REGION_SCOPE");
  }
  plan->filters.push_back(std::move(planned));
  plan->notes.push_back(
      {"REGION_SCOPE", absl::StrCat("Counts only events of consumers resident in ", scope, ".")});
  return absl::OkStatus();
}

absl::Status PlanSubjects(std::string_view asset, std::string_view dimension,
                          const std::vector<std::string>& codes, Plan* plan) {
  if (codes.empty()) return absl::OkStatus();
  PlannedFilter planned{.word = FindDimension(dimension), .at_event = true};
  for (const std::string& code : codes) {
    if (AddCode(*plan->view, "asset", code, &planned).ok()) continue;
    return status::WithReason(
        absl::PermissionDeniedError(absl::StrCat(
            asset, " is about ", code,
            ", which the catalog does not have at this snapshot; ask for a later one")),
        "ASSET_SUBJECTS");
  }
  plan->filters.push_back(std::move(planned));
  return absl::OkStatus();
}

absl::Status PlanAsset(const AssetScope& scope, Plan* plan) {
  TM_RETURN_IF_ERROR(PlanSubjects(scope.asset, "source", scope.sources, plan));
  TM_RETURN_IF_ERROR(PlanSubjects(scope.asset, "category", scope.categories, plan));
  TM_RETURN_IF_ERROR(PlanSubjects(scope.asset, "consumer_region", scope.places, plan));
  plan->notes.push_back(
      {"ASSET_SCOPE", absl::StrCat("Counts only events that ", scope.asset, " shares.")});
  return absl::OkStatus();
}

void NoteIncompleteGroups(Plan* plan) {
  for (const PlannedFilter& filter : plan->filters) {
    for (const catalog_client::Ordinal ordinal : filter.groups) {
      if (auto note = IncompleteGroup(*plan->view, ordinal))
        plan->notes.push_back(*std::move(note));
    }
  }
}

// Reads the query's own dimensions and filters, not what the scope adds.
RegionRole RoleOf(const Query& query) {
  std::optional<RegionRole> role;
  const auto add = [&role](std::string_view dimension) {
    RegionRole one = RegionRole::kNone;
    if (dimension == "consumer_region") one = RegionRole::kBuyerResidence;
    if (dimension == "provider_region") one = RegionRole::kSeller;
    if (dimension == "place_of_use") one = RegionRole::kPlaceOfUse;
    if (one == RegionRole::kNone) return;
    role = role.has_value() && *role != one ? RegionRole::kMixed : one;
  };
  for (const auto& dimension : query.dimensions) add(dimension.name);
  for (const auto& filter : query.filters) add(filter.dimension);
  return role.value_or(RegionRole::kNone);
}

}  // namespace

std::optional<PlanNote> IncompleteGroup(const CatalogView& view, catalog_client::Ordinal ordinal) {
  const auto& group = view.region_groups()[ordinal];
  if (group.declared_count <= group.members.size()) return std::nullopt;
  return PlanNote{"MEMBERSHIP_INCOMPLETE",
                  absl::StrCat("regionGroups/", group.id, " announces ", group.declared_count,
                               " members, ", group.members.size(), " are known.")};
}

absl::Status CheckFilters(const Query& query) {
  for (size_t i = 0; i < query.filters.size(); ++i) TM_RETURN_IF_ERROR(CheckFilter(query, i));
  return absl::OkStatus();
}

absl::Status PlanFilters(const Query& query, const PlanInputs& inputs, Plan* plan) {
  for (size_t i = 0; i < query.filters.size(); ++i) {
    TM_RETURN_IF_ERROR(PlanFilter(query, i, plan));
  }
  plan->own_filters = plan->filters.size();
  if (!inputs.region_scope.empty()) TM_RETURN_IF_ERROR(PlanScope(inputs.region_scope, plan));
  if (inputs.asset != nullptr) TM_RETURN_IF_ERROR(PlanAsset(*inputs.asset, plan));
  NoteIncompleteGroups(plan);
  plan->region_role = RoleOf(query);
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
