#include "services/catalog/domain/names.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr std::array<Collection, kTypeCount - 1> kCollections = {{
    {Type::kObservatory, "observatories", "observatory", false},
    {Type::kSource, "sources", "source", false},
    {Type::kIdentifierScheme, "identifierSchemes", "identifier_scheme", false},
    {Type::kRegion, "regions", "region", false},
    {Type::kRegionGroup, "regionGroups", "region_group", true},
    {Type::kCategory, "categories", "category", false},
    {Type::kToken, "tokens", "token", true},
    {Type::kScenario, "scenarios", "scenario", false},
    {Type::kProject, "projects", "project", false},
    {Type::kActivity, "activities", "activity", false},
    {Type::kOrganisation, "organisations", "organisation", false},
    {Type::kPolicy, "policies", "policy", false},
    {Type::kProvider, "providers", "provider", false},
    {Type::kProduct, "products", "product", false},
    {Type::kDigitalApp, "digitalApps", "digital_app", false},
    {Type::kVenue, "venues", "venue", false},
    {Type::kBatch, "batches", "batch", true},
    {Type::kProgramme, "programmes", "programme", false},
    {Type::kCandidacy, "candidacies", "candidacy", false},
    {Type::kAssessment, "assessments", "assessment", false},
    {Type::kSelection, "selections", "selection", false},
    {Type::kTask, "tasks", "task", false},
    {Type::kTarget, "targets", "target", false},
    {Type::kCooperation, "cooperations", "cooperation", false},
    {Type::kIndicator, "indicators", "indicator", false},
    {Type::kObservationSeries, "observationSeries", "observation_series", false},
    {Type::kVintage, "vintages", "vintage", false},
    {Type::kDataAsset, "dataAssets", "data_asset", false},
    {Type::kSavedQuery, "savedQueries", "saved_query", true},
    {Type::kGrant, "grants", "grant", false},
}};

}  // namespace

std::span<const Collection> Collections() { return kCollections; }

const Collection& CollectionOf(Type type) { return kCollections[static_cast<int>(type) - 1]; }

const Collection* FindCollection(std::string_view name) {
  for (const Collection& collection : kCollections) {
    if (collection.name == name) return &collection;
  }
  return nullptr;
}

std::string CollectionNames() {
  std::string names;
  for (const Collection& collection : kCollections) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", collection.name);
  }
  return names;
}

std::optional<ParsedName> ParseName(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const Collection* collection = FindCollection(name.substr(0, slash));
  const std::string_view id = name.substr(slash + 1);
  if (collection == nullptr || !IsValidId(id)) return std::nullopt;
  return ParsedName{collection->type, id};
}

std::string NameProblem(std::string_view name) {
  if (name.empty()) return "missing; want COLLECTION/ID, such as regions/cn-330200";
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    return absl::StrCat(Quoted(name), " has no '/'; want COLLECTION/ID, such as regions/cn-330200");
  }
  const std::string_view collection = name.substr(0, slash);
  if (FindCollection(collection) == nullptr) {
    return absl::StrCat(Quoted(name), ": no collection ", Quoted(collection), "; there are ",
                        CollectionNames());
  }
  const std::string_view id = name.substr(slash + 1);
  if (!IsValidId(id)) {
    return absl::StrCat(Quoted(name), ": the id ", Quoted(id),
                        " must be 1 to 63 characters of a-z, 0-9, '.' and '-'");
  }
  return "";
}

bool IsValidId(std::string_view id) {
  if (id.empty() || id.size() > 63) return false;
  for (const char c : id) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) return false;
  }
  return true;
}

}  // namespace tidemark::catalog
