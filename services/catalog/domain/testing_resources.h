#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_TESTING_RESOURCES_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_TESTING_RESOURCES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/catalog/domain/resource.h"

// Valid resources in few words, for tests.
namespace tidemark::catalog::testing {

inline Resource MakeRegion(std::string id, RegionLevel level, std::string parent_id = "") {
  Region region;
  region.level = level;
  if (!parent_id.empty()) region.parent = absl::StrCat("regions/", parent_id);
  Resource resource;
  resource.name = absl::StrCat("regions/", id);
  resource.display_names = {{"en", absl::StrCat("Region ", id)}, {"zh", "宁波市"}};
  resource.content = std::move(region);
  return resource;
}

inline Resource MakeGroup(std::string id, const std::vector<std::string>& members) {
  RegionGroup group;
  for (const std::string& member : members) group.members.push_back({member, {}});
  Resource resource;
  resource.name = absl::StrCat("regionGroups/", id);
  resource.content = std::move(group);
  return resource;
}

inline Resource MakeCategory(std::string id, std::string parent_id = "") {
  Category category;
  if (!parent_id.empty()) category.parent = absl::StrCat("categories/", parent_id);
  Resource resource;
  resource.name = absl::StrCat("categories/", id);
  resource.content = std::move(category);
  return resource;
}

inline Resource MakeSource(std::string id, SourceKind kind = SourceKind::kLive) {
  Source source;
  source.kind = kind;
  Resource resource;
  resource.name = absl::StrCat("sources/", id);
  resource.content = std::move(source);
  return resource;
}

inline Resource MakeScheme(std::string id) {
  IdentifierScheme scheme;
  scheme.scheme_class = SchemeClass::kPerson;
  scheme.normalisation = Normalisation::kTrim;
  Resource resource;
  resource.name = absl::StrCat("identifierSchemes/", id);
  resource.content = std::move(scheme);
  return resource;
}

inline Resource MakeObservatory(std::string id = "main") {
  Observatory observatory;
  observatory.time_zone = "Asia/Shanghai";
  observatory.currency = "CNY";
  observatory.scale = 2;
  observatory.start = Date{2020, 1, 1};
  Resource resource;
  resource.name = absl::StrCat("observatories/", id);
  resource.display_names = {{"zh", "宁波信息消费监测站"}};
  resource.content = std::move(observatory);
  return resource;
}

inline Token MakeToken(std::string principal, std::vector<Role> roles, char hash_byte) {
  Token token;
  token.principal = std::move(principal);
  token.roles = std::move(roles);
  token.secret_hash = std::string(32, hash_byte);
  return token;
}

}  // namespace tidemark::catalog::testing

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_TESTING_RESOURCES_H_
