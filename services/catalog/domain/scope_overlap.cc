#include "services/catalog/domain/scope_overlap.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/scope_regions.h"

namespace tidemark::catalog {
namespace {

constexpr uint32_t kAllChannels = ~uint32_t{0};

const Category& CategoryOf(const Resource& resource) {
  return std::get<Category>(resource.content);
}

// A category without precedence.
struct Bare {
  const Resource* category;
  int touched;
};

// What a LIVE source reports, as far as it has no precedence.
struct Scope {
  const Resource* resource;
  const Source* source;
  int touched = kUntouched;
  uint32_t channels = kAllChannels;
  bool all_categories = false;
  std::vector<Bare> categories;
  // Null: all. Looked up when a pair depends on it: groups may be large.
  const ScopeRegions::List* regions = nullptr;
  bool has_regions = false;
};

uint32_t Bits(const std::vector<Channel>& channels) {
  if (channels.empty()) return kAllChannels;
  uint32_t bits = 0;
  for (const Channel channel : channels) bits |= 1u << static_cast<int>(channel);
  return bits;
}

// A source or category that ends earlier overlaps with nothing new.
bool SameScope(const Source& before, const Source& after) {
  return before.kind == after.kind && Covers(before.reports, after.reports) &&
         before.regions == after.regions && before.categories == after.categories &&
         before.channels == after.channels;
}

std::string_view BlamedField(Type type) {
  switch (type) {
    case Type::kSource:
      return "categories";
    case Type::kRegion:
      return "parent";
    case Type::kRegionGroup:
      return "members";
    default:
      return "precedence";
  }
}

class Finder {
 public:
  Finder(const Overlay& after, std::span<const Change> changes)
      : after_(after), changes_(changes), regions_(after) {}

  std::optional<ScopeOverlap> Run() {
    const Resource* observatory = FindObservatory();
    if (observatory != nullptr && !std::get<Observatory>(observatory->content).precedence.empty()) {
      return std::nullopt;
    }
    for (size_t i = 0; i < changes_.size(); ++i) {
      if (changes_[i].kind != ChangeKind::kNone) Touch(static_cast<int>(i));
    }
    if (!any_touched_) return std::nullopt;
    CollectScopes();
    return FindAmongListed() || FindAmongAll() ? std::move(found_) : std::nullopt;
  }

 private:
  const Resource* FindObservatory() const {
    for (const Change& change : changes_) {
      if (change.after->type() == Type::kObservatory) return change.after.get();
    }
    return after_.base().observatory();
  }

  // What the change has to do with; most have nothing to do with scopes.
  void Touch(int change) {
    const Resource* before = changes_[change].before.get();
    const Resource& now = *changes_[change].after;
    bool touched = false;
    if (now.type() == Type::kObservatory) {
      // It has no precedence now.
      touched = before != nullptr && !std::get<Observatory>(before->content).precedence.empty();
      if (touched) all_touched_ = change;
    } else if (const auto* source = std::get_if<Source>(&now.content)) {
      touched = source->kind == SourceKind::kLive &&
                (before == nullptr || !SameScope(std::get<Source>(before->content), *source));
      if (touched) touched_[now.name] = change;
    } else if (const auto* category = std::get_if<Category>(&now.content)) {
      touched = before == nullptr || CategoryOf(*before).parent != category->parent ||
                CategoryOf(*before).precedence != category->precedence ||
                !Covers(CategoryOf(*before).valid, category->valid);
      if (touched) touched_[now.name] = change;
    } else if (const auto* region = std::get_if<Region>(&now.content)) {
      // A new one is in no scope that is not changed with it.
      touched =
          before != nullptr && (std::get<Region>(before->content).parent != region->parent ||
                                !Covers(std::get<Region>(before->content).valid, region->valid));
      if (touched) regions_.Touch(now.name, change);
    } else if (const auto* group = std::get_if<RegionGroup>(&now.content)) {
      touched =
          before != nullptr && std::get<RegionGroup>(before->content).members != group->members;
      if (touched) regions_.Touch(now.name, change);
    }
    any_touched_ |= touched;
  }

  void CollectScopes() {
    const auto add = [this](const Resource& resource) {
      const auto* source = std::get_if<Source>(&resource.content);
      if (source != nullptr && source->kind == SourceKind::kLive) AddScope(resource, *source);
    };
    after_.base().ForEach(Type::kSource, [&](const Resource& resource) {
      if (!after_.changed(resource.name)) add(resource);
    });
    for (const Change& change : changes_) {
      if (change.kind != ChangeKind::kNone) add(*change.after);
    }
    std::sort(scopes_.begin(), scopes_.end(),
              [](const Scope& a, const Scope& b) { return a.resource->name < b.resource->name; });
    for (uint32_t i = 0; i < scopes_.size(); ++i) {
      if (scopes_[i].all_categories) all_categories_.push_back(i);
      for (const Bare& bare : scopes_[i].categories) listers_[bare.category].push_back(i);
    }
  }

  void AddScope(const Resource& resource, const Source& source) {
    Scope& scope = scopes_.emplace_back();
    scope.resource = &resource;
    scope.source = &source;
    if (const auto it = touched_.find(resource.name); it != touched_.end()) {
      scope.touched = it->second;
    }
    scope.channels = Bits(source.channels);
    scope.all_categories = source.categories.empty();
    for (const std::string& name : source.categories) {
      const Resource* category = after_.Find(name);
      if (category == nullptr) continue;
      if (const auto bare = AsBare(category)) scope.categories.push_back(*bare);
    }
  }

  // Nothing where it, or one above, has a precedence.
  std::optional<Bare> AsBare(const Resource* category) const {
    Bare bare = {category, kUntouched};
    for (const Resource* at = category; at != nullptr; at = ParentOf(*at)) {
      if (!CategoryOf(*at).precedence.empty()) return std::nullopt;
      const auto touched = touched_.find(at->name);
      if (touched != touched_.end() && bare.touched == kUntouched) bare.touched = touched->second;
    }
    return bare;
  }

  const Resource* ParentOf(const Resource& category) const {
    const std::string& parent = CategoryOf(category).parent;
    return parent.empty() ? nullptr : after_.Find(parent);
  }

  // Of what a source lists, with those who list it, one above it, or nothing.
  bool FindAmongListed() {
    for (Scope& scope : scopes_) {
      for (const Bare& lower : scope.categories) {
        for (const Resource* at = lower.category; at != nullptr; at = ParentOf(*at)) {
          const auto listers = listers_.find(at);
          if (listers == listers_.end()) continue;
          for (const uint32_t other : listers->second) {
            if (Overlaps(scope, scopes_[other], lower)) return true;
          }
        }
        for (const uint32_t other : all_categories_) {
          if (Overlaps(scope, scopes_[other], lower)) return true;
        }
      }
    }
    return false;
  }

  // Of sources that report every category: they share the roots.
  bool FindAmongAll() {
    if (all_categories_.size() < 2) return false;
    const std::vector<Bare> roots = BareRoots();
    std::vector<Bare> touched_roots;
    for (const Bare& root : roots) {
      if (root.touched != kUntouched) touched_roots.push_back(root);
    }
    const bool any_pair = all_touched_ != kUntouched || regions_.any_touched();
    for (size_t i = 0; i < all_categories_.size(); ++i) {
      for (size_t k = 0; k < i; ++k) {
        Scope& a = scopes_[all_categories_[i]];
        Scope& b = scopes_[all_categories_[k]];
        const bool touched = any_pair || a.touched != kUntouched || b.touched != kUntouched;
        const std::vector<Bare>& candidates = touched ? roots : touched_roots;
        if (candidates.empty() || !MayOverlap(a, b)) continue;
        for (const Bare& root : candidates) {
          if (Overlaps(a, b, root)) return true;
        }
      }
    }
    return false;
  }

  // By name.
  std::vector<Bare> BareRoots() const {
    std::vector<Bare> roots;
    const auto add = [&](const Resource& resource) {
      const auto* category = std::get_if<Category>(&resource.content);
      if (category == nullptr || !category->parent.empty()) return;
      if (const auto bare = AsBare(&resource)) roots.push_back(*bare);
    };
    after_.base().ForEach(Type::kCategory, [&](const Resource& resource) {
      if (!after_.changed(resource.name)) add(resource);
    });
    for (const Change& change : changes_) {
      if (change.kind != ChangeKind::kNone) add(*change.after);
    }
    std::sort(roots.begin(), roots.end(),
              [](const Bare& a, const Bare& b) { return a.category->name < b.category->name; });
    return roots;
  }

  const ScopeRegions::List* RegionsOf(Scope& scope) {
    if (!scope.has_regions && !scope.source->regions.empty()) {
      scope.regions = &regions_.Of(scope.source->regions);
    }
    scope.has_regions = true;
    return scope.regions;
  }

  // What is quick to say of a pair, whatever the category.
  bool MayOverlap(Scope& a, Scope& b) {
    if ((a.channels & b.channels) == 0) return false;
    const auto days = Common(a.source->reports, b.source->reports);
    return days && regions_.Meet(RegionsOf(a), RegionsOf(b), *days, /*only_touched=*/false);
  }

  bool Overlaps(Scope& a, Scope& b, const Bare& shared) {
    if (&a == &b || (a.channels & b.channels) == 0) return false;
    int blamed = kUntouched;
    for (const int touched : {a.touched, b.touched, shared.touched, all_touched_}) {
      if (blamed == kUntouched) blamed = touched;
    }
    if (blamed == kUntouched && !regions_.any_touched()) return false;
    auto days = Common(a.source->reports, b.source->reports);
    if (days) days = Common(*days, CategoryOf(*shared.category).valid);
    if (!days) return false;
    const auto meeting = regions_.Meet(RegionsOf(a), RegionsOf(b), *days, blamed == kUntouched);
    if (!meeting) return false;
    if (blamed == kUntouched) blamed = *meeting;
    const Resource& change = *changes_[static_cast<size_t>(blamed)].after;
    found_ = ScopeOverlap{
        static_cast<size_t>(blamed), BlamedField(change.type()),
        absl::StrCat(std::min(a.resource->name, b.resource->name), " and ",
                     std::max(a.resource->name, b.resource->name),
                     " may both report a purchase in ", shared.category->name,
                     ", and nothing says whose counts; set `precedence` on ", shared.category->name,
                     ", on one above it or on the observatory, or narrow the "
                     "scope of one source: its window, regions, categories or channels")};
    return true;
  }

  const Overlay& after_;
  const std::span<const Change> changes_;
  bool any_touched_ = false;
  int all_touched_ = kUntouched;
  // Sources and categories.
  absl::flat_hash_map<std::string_view, int> touched_;
  ScopeRegions regions_;
  std::vector<Scope> scopes_;
  absl::flat_hash_map<const Resource*, std::vector<uint32_t>> listers_;
  std::vector<uint32_t> all_categories_;
  std::optional<ScopeOverlap> found_;
};

}  // namespace

std::optional<ScopeOverlap> FindScopeOverlap(const Overlay& after,
                                             std::span<const Change> changes) {
  return Finder(after, changes).Run();
}

}  // namespace tidemark::catalog
