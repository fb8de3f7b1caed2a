#include "clients/cpp/catalog/catalog_view.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/catalog/grant_index.h"
#include "clients/cpp/catalog/hierarchy.h"
#include "clients/cpp/catalog/name_search.h"
#include "clients/cpp/catalog/token_index.h"

namespace tidemark::catalog_client {
namespace {

// Calls `visit(name, entity)` for the id, the display names and the aliases of every entity.
template <typename T, typename Visit>
void VisitNames(const Table<T>& table, Visit visit) {
  for (const T& entity : table.items()) {
    visit(std::string_view(entity.id), entity);
    for (const auto& [language, name] : entity.display_names) visit(name, entity);
    if constexpr (requires { entity.aliases; }) {
      for (const std::string& alias : entity.aliases) visit(alias, entity);
    }
  }
}

// Calls `visit(table)` for the type's table; the observatory has none.
template <typename Visit>
void VisitTable(const CatalogView& view, EntityType type, Visit visit) {
  switch (type) {
    case EntityType::kObservatory:
      return;
    case EntityType::kSource:
      return visit(view.sources());
    case EntityType::kIdentifierScheme:
      return visit(view.schemes());
    case EntityType::kRegion:
      return visit(view.regions());
    case EntityType::kRegionGroup:
      return visit(view.region_groups());
    case EntityType::kCategory:
      return visit(view.categories());
    case EntityType::kToken:
      return visit(view.tokens());
    case EntityType::kScenario:
      return visit(view.scenarios());
    case EntityType::kProject:
      return visit(view.projects());
    case EntityType::kActivity:
      return visit(view.activities());
    case EntityType::kDataAsset:
      return visit(view.assets());
    case EntityType::kGrant:
      return visit(view.grants());
    case EntityType::kProvider:
      return visit(view.providers());
  }
}

}  // namespace

struct CatalogView::NameIndexes {
  struct Index {
    std::once_flag once;
    // By folded name.
    absl::flat_hash_map<std::string, std::vector<const Entity*>> entities;
  };
  std::array<Index, kEntityTypes> by_type;
};

CatalogView::CatalogView() : names_(std::make_unique<NameIndexes>()) {}
CatalogView::~CatalogView() = default;

const Token* CatalogView::FindTokenBySecretHash(std::string_view secret_hash) const {
  const auto it = token_index_->by_hash.find(secret_hash);
  if (it == token_index_->by_hash.end()) return nullptr;
  const Token& token = (*tokens_)[it->second];
  const bool equal =
      token.secret_hash.size() == secret_hash.size() &&
      CRYPTO_memcmp(token.secret_hash.data(), secret_hash.data(), secret_hash.size()) == 0;
  return equal ? &token : nullptr;
}

absl::Span<const Ordinal> CatalogView::GrantsOf(std::string_view asset,
                                                std::string_view grantee) const {
  return grant_index_->Find(asset, grantee);
}

Ordinal CatalogView::RegionAtLevel(Ordinal region, RegionLevel level) const {
  for (int depth = 0; region != kNone && depth <= Hierarchy::kMaxDepth; ++depth) {
    const Region& at = (*regions_)[region];
    if (at.level <= level) return level <= at.lowest_level ? region : kNone;
    region = at.parent;
  }
  return kNone;
}

std::vector<Ordinal> CatalogView::RegionAncestors(Ordinal region) const {
  return region_tree_->Ancestors(region);
}

bool CatalogView::RegionIsWithin(Ordinal region, Ordinal ancestor) const {
  return region_tree_->IsWithin(region, ancestor);
}

absl::Span<const Ordinal> CatalogView::RegionChildren(Ordinal region) const {
  return region_tree_->Children(region);
}

std::vector<Ordinal> CatalogView::RegionSubtree(Ordinal region) const {
  return region_tree_->Subtree(region);
}

Ordinal CatalogView::CategoryAtLevel(Ordinal category, int level) const {
  const std::vector<Ordinal> path = CategoryPath(category);
  if (level < 1 || level > static_cast<int>(path.size())) return kNone;
  return path[level - 1];
}

std::vector<Ordinal> CatalogView::CategoryPath(Ordinal category) const {
  std::vector<Ordinal> path = category_tree_->Ancestors(category);
  path.insert(path.begin(), category);
  std::reverse(path.begin(), path.end());
  return path;
}

bool CatalogView::CategoryIsWithin(Ordinal category, Ordinal ancestor) const {
  return category_tree_->IsWithin(category, ancestor);
}

absl::Span<const Ordinal> CatalogView::CategoryChildren(Ordinal category) const {
  return category_tree_->Children(category);
}

std::vector<Ordinal> CatalogView::CategorySubtree(Ordinal category) const {
  return category_tree_->Subtree(category);
}

std::vector<Ordinal> CatalogView::GroupRegionsAt(Ordinal group, int64_t time_us) const {
  std::vector<Ordinal> regions;
  for (const DatedRegion& region : (*region_groups_)[group].regions) {
    for (const Interval& time : region.times) {
      if (time.Contains(time_us)) regions.push_back(region.region);
    }
  }
  return regions;
}

std::vector<std::string> CatalogView::FindByName(EntityType type, std::string_view text) const {
  NameIndexes::Index& index = names_->by_type[static_cast<int>(type)];
  std::call_once(index.once, [&] {
    VisitTable(*this, type, [&](const auto& table) {
      VisitNames(table, [&](std::string_view name, const Entity& entity) {
        auto& entities = index.entities[FoldName(name)];
        if (entities.empty() || entities.back() != &entity) entities.push_back(&entity);
      });
    });
  });
  std::vector<std::string> ids;
  if (const auto it = index.entities.find(FoldName(text)); it != index.entities.end()) {
    for (const Entity* entity : it->second) ids.push_back(entity->id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> CatalogView::Nearest(EntityType type, std::string_view text,
                                              size_t limit) const {
  NearestNames nearest(text);
  VisitTable(*this, type, [&](const auto& table) {
    VisitNames(table, [&](std::string_view name, const Entity& entity) {
      nearest.Offer(name, entity.id);
    });
  });
  return nearest.Best(limit);
}

std::string CatalogView::NearestHint(EntityType type, std::string_view text) const {
  const std::vector<std::string> nearest = Nearest(type, text);
  return nearest.empty() ? "" : absl::StrCat("; nearest: ", absl::StrJoin(nearest, ", "));
}

std::vector<std::string_view> CatalogView::Ids(EntityType type) const {
  std::vector<std::string_view> ids;
  if (type == EntityType::kObservatory && observatory_ != nullptr) ids.push_back(observatory_->id);
  VisitTable(*this, type, [&](const auto& table) {
    for (const auto& entity : table.items()) ids.push_back(entity.id);
  });
  std::sort(ids.begin(), ids.end());
  return ids;
}

const Entity* CatalogView::FindEntity(EntityType type, std::string_view id) const {
  if (type == EntityType::kObservatory) {
    return observatory_ != nullptr && observatory_->id == id ? observatory_.get() : nullptr;
  }
  const Entity* found = nullptr;
  VisitTable(*this, type, [&](const auto& table) { found = table.Find(id); });
  return found;
}

}  // namespace tidemark::catalog_client
