#include "clients/cpp/catalog/view_builder.h"

#include <algorithm>
#include <type_traits>

#include "clients/cpp/catalog/grant_index.h"
#include "clients/cpp/catalog/group_expansion.h"
#include "clients/cpp/catalog/hierarchy.h"
#include "clients/cpp/catalog/token_index.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog_client {
namespace {

template <typename T>
std::vector<Ordinal> ParentsOf(const std::vector<T>& items) {
  std::vector<Ordinal> parents;
  parents.reserve(items.size());
  for (const T& item : items) parents.push_back(item.parent);
  return parents;
}

// A category's level is not stored: it follows from its parents.
void FillLevels(std::vector<Category>* categories, const Hierarchy& tree) {
  for (Category& category : *categories) {
    category.level = 1 + static_cast<int>(tree.Ancestors(category.ordinal).size());
  }
}

}  // namespace

template <typename T>
void ViewBuilder::Draft<T>::Load() {
  if (loaded) return;
  loaded = true;
  if (base == nullptr) return;
  items.assign(base->items().begin(), base->items().end());
  index.reserve(items.size());
  for (const T& item : items) index.emplace(item.id, item.ordinal);
}

template <typename T>
Ordinal ViewBuilder::Draft<T>::Find(std::string_view id) const {
  if (loaded) {
    const auto it = index.find(id);
    return it == index.end() ? kNone : it->second;
  }
  const T* item = base == nullptr ? nullptr : base->Find(id);
  return item == nullptr ? kNone : item->ordinal;
}

template <typename T>
Ordinal ViewBuilder::Draft<T>::FindOrAdd(std::string_view id) {
  Load();
  const auto [it, added] = index.try_emplace(id, static_cast<Ordinal>(items.size()));
  if (added) {
    items.emplace_back().ordinal = it->second;
    items.back().id = std::string(id);
  }
  return it->second;
}

template <typename T>
void ViewBuilder::Draft<T>::Delete(std::string_view id) {
  Load();
  const auto it = index.find(id);
  if (it == index.end()) return;
  items[it->second].ordinal = kNone;
  index.erase(it);
  deleted_any = true;
}

template <typename T>
std::vector<Ordinal> ViewBuilder::Draft<T>::Compact() {
  std::vector<Ordinal> moved(items.size(), kNone);
  Ordinal next = 0;
  for (Ordinal i = 0; i < items.size(); ++i) {
    if (items[i].ordinal == kNone) continue;
    if (next != i) items[next] = std::move(items[i]);
    items[next].ordinal = next;
    moved[i] = next++;
  }
  items.resize(next);
  return moved;
}

template <typename T>
std::shared_ptr<const Table<T>> ViewBuilder::Draft<T>::Finish() {
  if (!loaded && base != nullptr) return base;
  return std::make_shared<const Table<T>>(std::move(items));
}

template struct ViewBuilder::Draft<Source>;
template struct ViewBuilder::Draft<IdentifierScheme>;
template struct ViewBuilder::Draft<Region>;
template struct ViewBuilder::Draft<RegionGroup>;
template struct ViewBuilder::Draft<Category>;
template struct ViewBuilder::Draft<Token>;
template struct ViewBuilder::Draft<ListedCode>;
template struct ViewBuilder::Draft<DataAsset>;
template struct ViewBuilder::Draft<Grant>;
template struct ViewBuilder::Draft<Provider>;

ViewBuilder::ViewBuilder(std::shared_ptr<const CatalogView> base,
                         const catalog::v1::Resource* observatory)
    : base_(std::move(base)) {
  if (base_ != nullptr) {
    observatory_ = base_->observatory_;
    sources_.base = base_->sources_;
    schemes_.base = base_->schemes_;
    regions_.base = base_->regions_;
    groups_.base = base_->region_groups_;
    categories_.base = base_->categories_;
    tokens_.base = base_->tokens_;
    scenarios_.base = base_->scenarios_;
    projects_.base = base_->projects_;
    activities_.base = base_->activities_;
    assets_.base = base_->assets_;
    grants_.base = base_->grants_;
    providers_.base = base_->providers_;
  } else if (observatory != nullptr) {
    SetObservatory(*observatory);
  }
  if (observatory_ != nullptr) zone_ = observatory_->time_zone;
}

void ViewBuilder::Reserve(const ResourceName& name, bool is_delete) {
  switch (name.type) {
    case EntityType::kObservatory:
      return;
    case EntityType::kSource:
      sources_.FindOrAdd(name.id);
      return;
    case EntityType::kIdentifierScheme:
      schemes_.FindOrAdd(name.id);
      return;
    case EntityType::kRegion:
      regions_.FindOrAdd(name.id);
      return;
    case EntityType::kCategory:
      categories_.FindOrAdd(name.id);
      return;
    case EntityType::kRegionGroup:
      is_delete ? groups_.Delete(name.id) : void(groups_.FindOrAdd(name.id));
      return;
    case EntityType::kToken:
      is_delete ? tokens_.Delete(name.id) : void(tokens_.FindOrAdd(name.id));
      return;
    case EntityType::kScenario:
      scenarios_.FindOrAdd(name.id);
      return;
    case EntityType::kProject:
      projects_.FindOrAdd(name.id);
      return;
    case EntityType::kActivity:
      activities_.FindOrAdd(name.id);
      return;
    case EntityType::kDataAsset:
      assets_.FindOrAdd(name.id);
      return;
    case EntityType::kGrant:
      grants_.FindOrAdd(name.id);
      return;
    case EntityType::kProvider:
      providers_.FindOrAdd(name.id);
      return;
  }
}

// Ordinals first: inside one version a reference may come before what it names.
void ViewBuilder::ApplyVersion(uint64_t version, absl::Span<const ViewChange> changes) {
  for (const ViewChange& change : changes) {
    if (const auto name = ParseResourceName(change.name)) Reserve(*name, change.state.empty());
  }
  catalog::v1::Resource resource;
  for (const ViewChange& change : changes) {
    if (change.state.empty()) continue;
    const auto name = ParseResourceName(change.name);
    // Whoever keeps the states has parsed them before.
    if (!name || !resource.ParseFromArray(change.state.data(), change.state.size())) continue;
    resource.set_version(version);
    Set(*name, resource);
  }
}

// Those after a deleted one move up; who refers to groups moves along.
void ViewBuilder::CompactDeleted() {
  if (tokens_.deleted_any) tokens_.Compact();
  if (!groups_.deleted_any) return;
  const std::vector<Ordinal> moved = groups_.Compact();
  for (RegionGroup& group : groups_.items) {
    for (RegionGroupMember& member : group.members) {
      if (member.is_group) member.member = moved[member.member];
    }
    std::erase_if(group.members, [](const auto& member) { return member.member == kNone; });
  }
  sources_.Load();
  for (Source& source : sources_.items) {
    for (Ordinal& group : source.region_groups) group = moved[group];
    std::erase(source.region_groups, kNone);
  }
}

void ViewBuilder::FinishTrees(CatalogView* view) {
  if (regions_.loaded || base_ == nullptr) {
    view->region_tree_ = std::make_shared<const Hierarchy>(ParentsOf(regions_.items));
    auto replaced = std::make_shared<std::vector<Ordinal>>();
    auto divided = std::make_shared<std::vector<Ordinal>>();
    for (const Region& region : regions_.items) {
      if (region.whole_successor != kNone) replaced->push_back(region.ordinal);
      if (!region.parts.empty()) divided->push_back(region.ordinal);
    }
    view->replaced_regions_ = std::move(replaced);
    view->divided_regions_ = std::move(divided);
  } else {
    view->region_tree_ = base_->region_tree_;
    view->replaced_regions_ = base_->replaced_regions_;
    view->divided_regions_ = base_->divided_regions_;
  }
  if (categories_.loaded || base_ == nullptr) {
    const auto tree = std::make_shared<const Hierarchy>(ParentsOf(categories_.items));
    FillLevels(&categories_.items, *tree);
    view->category_tree_ = tree;
  } else {
    view->category_tree_ = base_->category_tree_;
  }
  if (groups_.loaded) ExpandGroups(&groups_.items);
}

std::shared_ptr<const CatalogView> ViewBuilder::Build(uint64_t version, std::string hash) {
  std::shared_ptr<CatalogView> view(new CatalogView());
  view->version_ = version;
  view->hash_ = std::move(hash);
  view->observatory_ = observatory_;
  CompactDeleted();
  FinishTrees(view.get());
  const bool same_tokens = !tokens_.loaded && base_ != nullptr;
  const bool same_grants = !grants_.loaded && base_ != nullptr;
  view->sources_ = sources_.Finish();
  view->schemes_ = schemes_.Finish();
  view->regions_ = regions_.Finish();
  view->region_groups_ = groups_.Finish();
  view->categories_ = categories_.Finish();
  view->tokens_ = tokens_.Finish();
  view->scenarios_ = scenarios_.Finish();
  view->projects_ = projects_.Finish();
  view->activities_ = activities_.Finish();
  view->assets_ = assets_.Finish();
  view->grants_ = grants_.Finish();
  view->providers_ = providers_.Finish();
  view->token_index_ =
      same_tokens ? base_->token_index_ : std::make_shared<const TokenIndex>(*view->tokens_);
  view->grant_index_ =
      same_grants ? base_->grant_index_ : std::make_shared<const GrantIndex>(*view->grants_);
  return view;
}

}  // namespace tidemark::catalog_client
