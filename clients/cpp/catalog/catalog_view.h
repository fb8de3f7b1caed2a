#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_VIEW_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_VIEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "clients/cpp/catalog/entities.h"
#include "clients/cpp/catalog/table.h"

namespace tidemark::catalog_client {

struct GrantIndex;
struct Hierarchy;
struct TokenIndex;

// CatalogView: the whole catalog at one version, indexed.
//
//   std::shared_ptr<const CatalogView> view = watcher.view();
//   const Region* region = view->regions().Find("cn-330200");
//   if (region == nullptr || !region->valid.Contains(event_time_us)) { ... }
//   Ordinal province = view->RegionAtLevel(region->ordinal, RegionLevel::kProvince);
//
// Immutable, so thread-safe; hold the shared_ptr as long as pointers and spans are used. Nothing
// here blocks. Made by CatalogHistory and CatalogWatcher.
class CatalogView {
 public:
  ~CatalogView();

  // 0: nothing has been read yet.
  uint64_t version() const { return version_; }
  // Chained hash of the history up to `version`, 32 bytes; zeros at version 0.
  const std::string& hash() const { return hash_; }

  // Null until one is applied.
  const Observatory* observatory() const { return observatory_.get(); }
  const Table<Source>& sources() const { return *sources_; }
  const Table<IdentifierScheme>& schemes() const { return *schemes_; }
  const Table<Region>& regions() const { return *regions_; }
  const Table<RegionGroup>& region_groups() const { return *region_groups_; }
  const Table<Category>& categories() const { return *categories_; }
  const Table<Token>& tokens() const { return *tokens_; }
  const Table<ListedCode>& scenarios() const { return *scenarios_; }
  const Table<ListedCode>& projects() const { return *projects_; }
  // From its first day on, as purchases follow a campaign.
  const Table<ListedCode>& activities() const { return *activities_; }
  const Table<Provider>& providers() const { return *providers_; }
  const Table<DataAsset>& assets() const { return *assets_; }
  const Table<Grant>& grants() const { return *grants_; }

  // Grants of the asset (an id) to the grantee (a name), by name; empty when there are none.
  absl::Span<const Ordinal> GrantsOf(std::string_view asset, std::string_view grantee) const;

  // Null when there is none. The final comparison takes constant time.
  const Token* FindTokenBySecretHash(std::string_view secret_hash) const;

  // The region itself or the ancestor that has `level`; kNone: there is none (the region lies
  // above, or the hierarchy leaves that level out).
  Ordinal RegionAtLevel(Ordinal region, RegionLevel level) const;
  // Parent first, root last; without the region itself.
  std::vector<Ordinal> RegionAncestors(Ordinal region) const;
  // True when `region` is `ancestor` or lies below it.
  bool RegionIsWithin(Ordinal region, Ordinal ancestor) const;
  // Ascending; kNone gives the roots.
  absl::Span<const Ordinal> RegionChildren(Ordinal region) const;
  // All below `region` and itself, ascending.
  std::vector<Ordinal> RegionSubtree(Ordinal region) const;

  // Those that another took over as a whole, ascending.
  const std::vector<Ordinal>& ReplacedRegions() const { return *replaced_regions_; }
  // Those that others took parts of, ascending.
  const std::vector<Ordinal>& DividedRegions() const { return *divided_regions_; }

  // The category itself or its ancestor of level `level` (1: root); kNone when it lies above.
  Ordinal CategoryAtLevel(Ordinal category, int level) const;
  // From the root down to the category itself.
  std::vector<Ordinal> CategoryPath(Ordinal category) const;
  bool CategoryIsWithin(Ordinal category, Ordinal ancestor) const;
  // Ascending; kNone gives the roots.
  absl::Span<const Ordinal> CategoryChildren(Ordinal category) const;
  std::vector<Ordinal> CategorySubtree(Ordinal category) const;

  // Regions that are in the group at `time_us`, nested groups resolved, ascending.
  std::vector<Ordinal> GroupRegionsAt(Ordinal group, int64_t time_us) const;

  // Ids whose id, alias or display name is `text`, without regard to ASCII case and outer blanks;
  // sorted. The first call on a view indexes the type.
  std::vector<std::string> FindByName(EntityType type, std::string_view text) const;
  // At most `limit` ids that resemble `text` in id, alias or display name, best first; none when
  // nothing does. For error messages. Costs about 20 ms per 100,000 entities: call it for the
  // first few errors of a request, never for each event.
  std::vector<std::string> Nearest(EntityType type, std::string_view text, size_t limit = 3) const;
  // "; nearest: a, b" or "", to append to a message.
  std::string NearestHint(EntityType type, std::string_view text) const;

  // All ids of a type, sorted.
  std::vector<std::string_view> Ids(EntityType type) const;
  const Entity* FindEntity(EntityType type, std::string_view id) const;

 private:
  friend class ViewBuilder;
  struct NameIndexes;
  CatalogView();

  uint64_t version_ = 0;
  std::string hash_;
  std::shared_ptr<const Observatory> observatory_;
  std::shared_ptr<const Table<Source>> sources_;
  std::shared_ptr<const Table<IdentifierScheme>> schemes_;
  std::shared_ptr<const Table<Region>> regions_;
  std::shared_ptr<const Table<RegionGroup>> region_groups_;
  std::shared_ptr<const Table<Category>> categories_;
  std::shared_ptr<const Table<Token>> tokens_;
  std::shared_ptr<const Table<ListedCode>> scenarios_;
  std::shared_ptr<const Table<ListedCode>> projects_;
  std::shared_ptr<const Table<ListedCode>> activities_;
  std::shared_ptr<const Hierarchy> region_tree_;
  std::shared_ptr<const Hierarchy> category_tree_;
  std::shared_ptr<const std::vector<Ordinal>> replaced_regions_;
  std::shared_ptr<const std::vector<Ordinal>> divided_regions_;
  std::shared_ptr<const TokenIndex> token_index_;
  std::shared_ptr<const Table<Provider>> providers_;
  std::shared_ptr<const Table<DataAsset>> assets_;
  std::shared_ptr<const Table<Grant>> grants_;
  std::shared_ptr<const GrantIndex> grant_index_;
  std::unique_ptr<NameIndexes> names_;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_CATALOG_VIEW_H_
