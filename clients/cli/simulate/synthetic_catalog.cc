#include "clients/cli/simulate/synthetic_catalog.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/import/catalog_names.h"
#include "common/status/status_macros.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace tidemark::simulate {
namespace {

using catalog::v1::Resource;

constexpr int kProvinces = 81;
constexpr int kCities = 350;
constexpr int kGroups = 10;
constexpr int kCategories = 60;
constexpr char kDescription[] = "Synthetic: made by `tidemark simulate`, describes nothing real.";

Resource Named(const std::string& name, const std::string& english, const std::string& chinese) {
  Resource resource;
  resource.set_name(name);
  (*resource.mutable_display_names())["en"] = english;
  (*resource.mutable_display_names())["zh"] = chinese;
  resource.set_description(kDescription);
  return resource;
}

Resource RegionOf(const std::string& id, const std::string& english, const std::string& chinese,
                  catalog::v1::RegionLevel level, const std::string& parent) {
  Resource resource = Named("regions/" + id, english, chinese);
  resource.mutable_region()->set_level(level);
  resource.mutable_region()->set_parent(parent);
  return resource;
}

void AddRegions(std::vector<Resource>& resources) {
  const std::string nation = "synthetic-nation";
  resources.push_back(
      RegionOf(nation, "Synthetic nation", "合成国", catalog::v1::REGION_LEVEL_NATION, ""));
  for (int i = 1; i <= kProvinces; ++i) {
    resources.push_back(RegionOf(absl::StrFormat("synthetic-p%02d", i),
                                 absl::StrCat("Synthetic province ", i), absl::StrCat("合成省", i),
                                 catalog::v1::REGION_LEVEL_PROVINCE, "regions/" + nation));
  }
  for (int i = 0; i < kCities; ++i) {
    const std::string province = absl::StrFormat("synthetic-p%02d", i % kProvinces + 1);
    resources.push_back(RegionOf(absl::StrFormat("%s-c%d", province, i / kProvinces + 1),
                                 absl::StrCat("Synthetic city ", i + 1),
                                 absl::StrCat("合成市", i + 1), catalog::v1::REGION_LEVEL_CITY,
                                 "regions/" + province));
  }
}

void SetPrecedence(google::protobuf::RepeatedField<int>* precedence) {
  for (const auto role :
       {ingest::v1::REPORTING_ROLE_SELLER_PLATFORM, ingest::v1::REPORTING_ROLE_PAYMENT,
        ingest::v1::REPORTING_ROLE_LOGISTICS, ingest::v1::REPORTING_ROLE_DEPARTMENT}) {
    precedence->Add(role);
  }
}

std::string GroupName(int group) { return absl::StrFormat("categories/synthetic-g%02d", group); }

void AddCategories(std::vector<Resource>& resources) {
  for (int i = 1; i <= kGroups; ++i) {
    resources.push_back(
        Named(GroupName(i), absl::StrCat("Synthetic group ", i), absl::StrCat("合成大类", i)));
    // Several synthetic sources, and real ones that report everything, may report them.
    SetPrecedence(resources.back().mutable_category()->mutable_precedence());
  }
  for (int i = 0; i < kCategories; ++i) {
    const int group = i % kGroups + 1;
    resources.push_back(
        Named(absl::StrFormat("categories/synthetic-g%02d-k%d", group, i / kGroups + 1),
              absl::StrCat("Synthetic category ", i + 1), absl::StrCat("合成类", i + 1)));
    resources.back().mutable_category()->set_parent(GroupName(group));
  }
}

// Ids without children; only the synthetic ones if there are any.
absl::StatusOr<std::vector<std::string>> Leaves(const importer::ListResources& list,
                                                const std::string& collection) {
  std::vector<std::string> names;
  std::set<std::string> parents;
  TM_RETURN_IF_ERROR(importer::ForEachResource(list, collection, [&](const Resource& resource) {
    names.push_back(resource.name());
    parents.insert(resource.has_region() ? resource.region().parent()
                                         : resource.category().parent());
  }));
  std::vector<std::string> all, synthetic;
  for (const std::string& name : names) {
    if (parents.contains(name)) continue;
    const std::string id = name.substr(collection.size() + 1);
    (absl::StartsWith(id, "synthetic-") ? synthetic : all).push_back(id);
  }
  if (!synthetic.empty()) return synthetic;
  if (all.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the catalog has no ", collection, "; --setup makes synthetic ones"));
  }
  return all;
}

importer::ListResources ListBy(catalog_client::CatalogClient& client) {
  return [&client](const catalog::v1::ListResourcesRequest& request) {
    return client.ListResources(request);
  };
}

}  // namespace

std::vector<Resource> SyntheticResources(const std::vector<std::string>& sources) {
  std::vector<Resource> resources;
  AddRegions(resources);
  AddCategories(resources);
  Resource scheme = Named(absl::StrCat("identifierSchemes/", kConsumerScheme),
                          "Synthetic consumers", "合成消费者");
  scheme.mutable_identifier_scheme()->set_scheme_class(catalog::v1::SCHEME_CLASS_PERSON);
  scheme.mutable_identifier_scheme()->set_normalisation(catalog::v1::NORMALISATION_NONE);
  resources.push_back(std::move(scheme));
  for (const std::string& source : sources) {
    Resource& resource =
        resources.emplace_back(Named("sources/" + source, absl::StrCat("Synthetic source ", source),
                                     absl::StrCat("合成报送单位 ", source)));
    resource.mutable_source()->set_kind(catalog::v1::SOURCE_KIND_LIVE);
    resource.mutable_source()->set_synthetic(true);
    for (int i = 1; i <= kGroups; ++i) resource.mutable_source()->add_categories(GroupName(i));
  }
  return resources;
}

Resource SyntheticObservatory() {
  Resource resource = Named("observatories/synthetic", "Synthetic observatory", "合成观测站");
  catalog::v1::Observatory& observatory = *resource.mutable_observatory();
  observatory.set_time_zone("Asia/Shanghai");
  observatory.set_currency("CNY");
  observatory.set_scale(2);
  observatory.mutable_start()->set_year(2000);
  observatory.mutable_start()->set_month(1);
  observatory.mutable_start()->set_day(1);
  SetPrecedence(observatory.mutable_precedence());
  return resource;
}

absl::StatusOr<CatalogCodes> ReadCodes(catalog_client::CatalogClient& client) {
  const importer::ListResources list = ListBy(client);
  CatalogCodes codes;
  TM_ASSIGN_OR_RETURN(const auto observatory, importer::ReadObservatory(list));
  codes.time_zone = observatory.time_zone;
  TM_ASSIGN_OR_RETURN(codes.regions, Leaves(list, "regions"));
  TM_ASSIGN_OR_RETURN(codes.categories, Leaves(list, "categories"));
  return codes;
}

absl::StatusOr<std::vector<std::string>> RealSources(catalog_client::CatalogClient& client) {
  std::vector<std::string> ids;
  TM_RETURN_IF_ERROR(
      importer::ForEachResource(ListBy(client), "sources", [&ids](const Resource& resource) {
        if (resource.source().kind() != catalog::v1::SOURCE_KIND_LIVE) return;
        const std::string id = resource.name().substr(resource.name().find('/') + 1);
        if (!absl::StartsWith(id, "synthetic-")) ids.push_back(id);
      }));
  return ids;
}

absl::Status CheckHasSource(catalog_client::CatalogClient& client, const std::string& id) {
  bool found = false;
  TM_RETURN_IF_ERROR(
      importer::ForEachResource(ListBy(client), "sources", [&](const Resource& resource) {
        if (resource.name() == absl::StrCat("sources/", id)) found = true;
      }));
  if (found) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the catalog has no sources/", id,
                   "; apply it first: tidemark apply --yes -f deploy/samples/regions/china.yaml -f "
                   "deploy/samples/taxonomy -f deploy/samples/yangtze-delta -f "
                   "deploy/samples/yangtze-delta-synthetic"));
}

absl::Status SetUp(catalog_client::CatalogClient& client, const std::vector<std::string>& sources) {
  catalog::v1::ApplyResourcesRequest request;
  const auto observatory = importer::ReadObservatory(ListBy(client));
  if (absl::IsFailedPrecondition(observatory.status())) {
    *request.add_resources() = SyntheticObservatory();
  } else {
    TM_RETURN_IF_ERROR(observatory.status());
  }
  for (Resource& resource : SyntheticResources(sources)) {
    *request.add_resources() = std::move(resource);
  }
  return client.ApplyResources(request).status();
}

}  // namespace tidemark::simulate
