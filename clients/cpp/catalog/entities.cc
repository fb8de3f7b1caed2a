#include "clients/cpp/catalog/entities.h"

#include <algorithm>
#include <array>

#include "clients/cpp/catalog/resource_name.h"

namespace tidemark::catalog_client {
namespace {

constexpr std::array<std::string_view, kEntityTypes> kCollections = {
    "observatories", "sources", "identifierSchemes", "regions",  "regionGroups",
    "categories",    "tokens",  "scenarios",         "projects", "activities",
    "dataAssets",    "grants",  "providers"};

std::string_view FindLanguage(const Entity& entity, std::string_view language) {
  const auto& names = entity.display_names;
  const auto it =
      std::lower_bound(names.begin(), names.end(), language,
                       [](const auto& name, std::string_view tag) { return name.first < tag; });
  return it != names.end() && it->first == language ? std::string_view(it->second)
                                                    : std::string_view();
}

}  // namespace

std::string_view CollectionOf(EntityType type) { return kCollections[static_cast<int>(type)]; }

std::optional<ResourceName> ParseResourceName(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) return std::nullopt;
  const auto it = std::find(kCollections.begin(), kCollections.end(), name.substr(0, slash));
  if (it == kCollections.end()) return std::nullopt;
  return ResourceName{static_cast<EntityType>(it - kCollections.begin()), name.substr(slash + 1)};
}

std::string_view DisplayName(const Entity& entity, std::string_view language) {
  if (entity.display_names.empty()) return entity.id;
  for (const std::string_view tag :
       {language, language.substr(0, language.find('-')), std::string_view("en")}) {
    if (const std::string_view text = FindLanguage(entity, tag); !text.empty()) return text;
  }
  return entity.display_names.front().second;
}

}  // namespace tidemark::catalog_client
