#include "clients/cli/import/catalog_names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/app/nearest.h"
#include "common/status/status_macros.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace tidemark::importer {
namespace {

std::string Normal(std::string_view name) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(name));
}

std::string_view CollectionOf(NameKind kind) {
  return kind == NameKind::kRegion ? "regions" : "categories";
}

}  // namespace

absl::Status ForEachResource(const ListResources& list, const std::string& collection,
                             const std::function<void(const catalog::v1::Resource&)>& visit) {
  catalog::v1::ListResourcesRequest request;
  request.set_collection(collection);
  request.set_page_size(5000);
  do {
    TM_ASSIGN_OR_RETURN(const catalog::v1::ListResourcesResponse page, list(request));
    for (const catalog::v1::Resource& resource : page.resources()) visit(resource);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<ObservatoryUnits> ReadObservatory(const ListResources& list) {
  std::vector<ObservatoryUnits> found;
  TM_RETURN_IF_ERROR(
      ForEachResource(list, "observatories", [&](const catalog::v1::Resource& resource) {
        const catalog::v1::Observatory& observatory = resource.observatory();
        found.push_back({.time_zone = observatory.time_zone(),
                         .currency = observatory.currency(),
                         .scale = static_cast<int>(observatory.scale())});
      }));
  if (found.empty()) {
    return absl::FailedPreconditionError(
        "the catalog has no observatory yet; apply one with `tidemark apply -f`");
  }
  return found[0];
}

absl::StatusOr<const CatalogNames::Index*> CatalogNames::IndexOf(NameKind kind) {
  const auto it = indexes_.find(kind);
  if (it != indexes_.end()) return &it->second;
  Index index;
  const auto add = [&](const std::string& name, const std::string& id) {
    std::vector<std::string>& ids = index.ids[Normal(name)];
    if (ids.empty()) index.names.push_back(name);
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  TM_RETURN_IF_ERROR(ForEachResource(
      list_, std::string(CollectionOf(kind)), [&](const catalog::v1::Resource& resource) {
        const std::string id = resource.name().substr(resource.name().find('/') + 1);
        add(id, id);
        for (const auto& [language, name] : resource.display_names()) add(name, id);
        const auto& aliases =
            kind == NameKind::kRegion ? resource.region().aliases() : resource.category().aliases();
        for (const std::string& alias : aliases) add(alias, id);
      }));
  return &indexes_.emplace(kind, std::move(index)).first->second;
}

absl::StatusOr<std::string> CatalogNames::Resolve(NameKind kind, std::string_view name) {
  TM_ASSIGN_OR_RETURN(const Index* index, IndexOf(kind));
  const auto it = index->ids.find(Normal(name));
  if (it == index->ids.end()) {
    const bool hint = hints_left_ > 0;
    if (hint) --hints_left_;
    return absl::NotFoundError(absl::StrCat(CollectionOf(kind), " of the catalog: no `", name, "`",
                                            hint ? cli::NearestHint(name, index->names) : ""));
  }
  if (it->second.size() > 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("`", name, "` means several ", CollectionOf(kind),
                     " of the catalog: ", absl::StrJoin(it->second, ", ")));
  }
  return it->second[0];
}

}  // namespace tidemark::importer
