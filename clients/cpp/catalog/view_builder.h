#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_VIEW_BUILDER_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_VIEW_BUILDER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "clients/cpp/catalog/resource_name.h"

namespace tidemark::type::v1 {
class Validity;
}  // namespace tidemark::type::v1
namespace tidemark::catalog::v1 {
class Resource;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog_client {

// A change of one resource.
struct ViewChange {
  std::string_view name;
  // Encoded tidemark.catalog.v1.Resource, as WatchResources sends it; empty: deleted.
  std::string_view state;
};

// Makes a view from an earlier one and the versions between. Types without changes are shared
// with the earlier view. Used by one thread.
class ViewBuilder {
 public:
  // A null `base` is the empty catalog. Every interval depends on the observatory, so the view's
  // final one is given first, and only with a null base; null: the base's.
  ViewBuilder(std::shared_ptr<const CatalogView> base, const catalog::v1::Resource* observatory);

  // All changes of one version, by ascending name: ordinals are given in this order. Changes of
  // observatories are passed over.
  void ApplyVersion(uint64_t version, absl::Span<const ViewChange> changes);

  std::shared_ptr<const CatalogView> Build(uint64_t version, std::string hash);

 private:
  // The entities of a type on their way into a Table; copied from the base at the first change.
  template <typename T>
  struct Draft {
    std::shared_ptr<const Table<T>> base;
    bool loaded = false;
    bool deleted_any = false;
    // A deleted item has ordinal kNone.
    std::vector<T> items;
    absl::flat_hash_map<std::string, Ordinal> index;

    void Load();
    Ordinal Find(std::string_view id) const;
    Ordinal FindOrAdd(std::string_view id);
    void Delete(std::string_view id);
    // New ordinal by old one; kNone for the deleted. Only after deletions.
    std::vector<Ordinal> Compact();
    std::shared_ptr<const Table<T>> Finish();
  };

  void Reserve(const ResourceName& name, bool is_delete);
  void Set(const ResourceName& name, const catalog::v1::Resource& resource);
  void SetObservatory(const catalog::v1::Resource& resource);
  void SetSource(const catalog::v1::Resource& resource, Source* source);
  void SetScheme(const catalog::v1::Resource& resource, IdentifierScheme* scheme);
  void SetRegion(const catalog::v1::Resource& resource, Region* region);
  void SetGroup(const catalog::v1::Resource& resource, RegionGroup* group);
  void SetCategory(const catalog::v1::Resource& resource, Category* category);
  void SetToken(const catalog::v1::Resource& resource, Token* token);
  void SetActivity(const catalog::v1::Resource& resource, ListedCode* activity);
  void SetAsset(const catalog::v1::Resource& resource, DataAsset* asset);
  void SetGrant(const catalog::v1::Resource& resource, Grant* grant);
  void SetProvider(const catalog::v1::Resource& resource, Provider* provider);
  Interval ToInterval(const type::v1::Validity& validity) const;
  // Gives groups and tokens without gaps the ordinals of a view.
  void CompactDeleted();
  void FinishTrees(CatalogView* view);

  std::shared_ptr<const CatalogView> base_;
  std::shared_ptr<const Observatory> observatory_;
  absl::TimeZone zone_ = absl::UTCTimeZone();
  Draft<Source> sources_;
  Draft<IdentifierScheme> schemes_;
  Draft<Region> regions_;
  Draft<RegionGroup> groups_;
  Draft<Category> categories_;
  Draft<Token> tokens_;
  Draft<ListedCode> scenarios_;
  Draft<ListedCode> projects_;
  Draft<ListedCode> activities_;
  Draft<DataAsset> assets_;
  Draft<Grant> grants_;
  Draft<Provider> providers_;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_VIEW_BUILDER_H_
