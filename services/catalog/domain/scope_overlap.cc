#include "services/catalog/domain/scope_overlap.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

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
  // A change touches a region or group that it may report.
  bool regions_touched = false;
  uint32_t channels = kAllChannels;
  bool all_categories = false;
  std::vector<Bare> categories;
  // ScopeRegions::NumberOf; nothing: all. The list is made when a pair depends on it.
  std::optional<size_t> regions;

  bool any_touched() const { return touched != kUntouched || regions_touched; }
};

// Positions of scopes, ascending.
struct Listers {
  std::vector<uint32_t> all;
  std::vector<uint32_t> touched;

  void Add(uint32_t position, const Scope& scope) {
    all.push_back(position);
    if (scope.any_touched()) touched.push_back(position);
  }
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
  Finder(const Overlay& after, std::span<const Change> changes, size_t max_windows)
      : after_(after), changes_(changes), regions_(after, max_windows) {}

  std::optional<ScopeOverlap> Run() {
    const Resource* observatory = FindObservatory();
    if (observatory != nullptr && !std::get<Observatory>(observatory->content).precedence.empty()) {
      return std::nullopt;
    }
    for (size_t i = 0; i < changes_.size(); ++i) {
      if (changes_[i].kind != ChangeKind::kNone) Touch(static_cast<int>(i));
    }
    if (!any_touched_) return std::nullopt;
    if (regions_.any_touched()) region_touched_ = regions_.Touched(changes_);
    CollectScopes();
    for (uint32_t i = 0; i < scopes_.size(); ++i) {
      met_.clear();
      if (FindAmongListed(i)) return std::move(found_);
    }
    for (size_t i = 0; i < all_categories_.all.size(); ++i) {
      met_.clear();
      if (FindAmongAll(i)) return std::move(found_);
    }
    return std::nullopt;
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
      if (scopes_[i].all_categories) all_categories_.Add(i, scopes_[i]);
      for (const Bare& bare : scopes_[i].categories) listers_[bare.category].Add(i, scopes_[i]);
    }
    if (all_categories_.all.size() > 1) CollectRoots();
  }

  void AddScope(const Resource& resource, const Source& source) {
    Scope& scope = scopes_.emplace_back();
    scope.resource = &resource;
    scope.source = &source;
    if (const auto it = touched_.find(resource.name); it != touched_.end()) {
      scope.touched = it->second;
    }
    scope.regions_touched = region_touched_.contains(resource.name);
    if (!source.regions.empty()) scope.regions = regions_.NumberOf(source.regions);
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

  // A pair is looked at when a change has to do with one side or with what it shares.
  const std::vector<uint32_t>& Others(const Scope& scope, int shared, const Listers& of) const {
    const bool any = scope.any_touched() || shared != kUntouched || all_touched_ != kUntouched;
    return any ? of.all : of.touched;
  }

  // Of what a source lists, with those who list it, one above it, or nothing.
  bool FindAmongListed(uint32_t position) {
    const Scope& scope = scopes_[position];
    for (const Bare& lower : scope.categories) {
      for (const Resource* at = lower.category; at != nullptr; at = ParentOf(*at)) {
        const auto listers = listers_.find(at);
        if (listers == listers_.end()) continue;
        for (const uint32_t other : Others(scope, lower.touched, listers->second)) {
          if (Overlaps(position, other, lower)) return true;
        }
      }
      for (const uint32_t other : Others(scope, lower.touched, all_categories_)) {
        if (Overlaps(position, other, lower)) return true;
      }
    }
    return false;
  }

  // Of sources that report every category, with those before it: they share the roots.
  bool FindAmongAll(size_t rank) {
    const uint32_t position = all_categories_.all[rank];
    const int any_root = touched_roots_.empty() ? kUntouched : touched_roots_[0].touched;
    for (const uint32_t other : Others(scopes_[position], any_root, all_categories_)) {
      if (other >= position) break;
      const bool touched = scopes_[position].any_touched() || scopes_[other].any_touched() ||
                           all_touched_ != kUntouched;
      for (const Bare& root : touched ? roots_ : touched_roots_) {
        if (Overlaps(position, other, root)) return true;
      }
    }
    return false;
  }

  // By name.
  void CollectRoots() {
    const auto add = [&](const Resource& resource) {
      const auto* category = std::get_if<Category>(&resource.content);
      if (category == nullptr || !category->parent.empty()) return;
      if (const auto bare = AsBare(&resource)) roots_.push_back(*bare);
    };
    after_.base().ForEach(Type::kCategory, [&](const Resource& resource) {
      if (!after_.changed(resource.name)) add(resource);
    });
    for (const Change& change : changes_) {
      if (change.kind != ChangeKind::kNone) add(*change.after);
    }
    std::sort(roots_.begin(), roots_.end(),
              [](const Bare& a, const Bare& b) { return a.category->name < b.category->name; });
    for (const Bare& root : roots_) {
      if (root.touched != kUntouched) touched_roots_.push_back(root);
    }
  }

  // The lists of a pair; null: all regions.
  struct Lists {
    std::shared_ptr<const ScopeRegions::List> a, b;
    // One that has too many windows to be made.
    const Scope* too_large = nullptr;
  };
  Lists ListsOf(const Scope& a, const Scope& b) {
    Lists lists;
    for (const auto& [scope, list] : {std::pair(&a, &lists.a), std::pair(&b, &lists.b)}) {
      if (!scope->regions) continue;
      *list = regions_.Of(*scope->regions);
      if (*list == nullptr) lists.too_large = scope;
    }
    return lists;
  }

  // Whether the pair shares a channel, a day and a region at all, whatever the category; `other`
  // is asked for once for each `position`.
  bool Meets(uint32_t position, uint32_t other) {
    const auto [known, is_new] = met_.try_emplace(other, false);
    if (!is_new) return known->second;
    const Scope& a = scopes_[position];
    const Scope& b = scopes_[other];
    const auto days = Common(a.source->reports, b.source->reports);
    if ((a.channels & b.channels) == 0 || !days) return false;
    const Lists lists = ListsOf(a, b);
    return known->second =
               lists.too_large != nullptr || regions_.Meet(lists.a.get(), lists.b.get(), *days);
  }

  bool Overlaps(uint32_t position, uint32_t other, const Bare& shared) {
    if (position == other || !Meets(position, other)) return false;
    const Scope& a = scopes_[position];
    const Scope& b = scopes_[other];
    auto days = Common(a.source->reports, b.source->reports);
    if (days) days = Common(*days, CategoryOf(*shared.category).valid);
    if (!days) return false;
    int blamed = kUntouched;
    for (const int touched : {a.touched, b.touched, shared.touched, all_touched_}) {
      if (blamed == kUntouched) blamed = touched;
    }
    const Lists lists = ListsOf(a, b);
    if (lists.too_large != nullptr) return Refuse(*lists.too_large, blamed);
    if (blamed != kUntouched) {
      if (!regions_.Meet(lists.a.get(), lists.b.get(), *days)) return false;
    } else {
      const auto meeting = regions_.MeetTouched(lists.a.get(), lists.b.get(), *days);
      if (!meeting) return false;
      blamed = *meeting;
    }
    const Resource& change = *changes_[static_cast<size_t>(blamed)].after;
    found_ = ScopeOverlap{
        static_cast<size_t>(blamed), BlamedField(change.type()), "SCOPES_OVERLAP",
        absl::StrCat(std::min(a.resource->name, b.resource->name), " and ",
                     std::max(a.resource->name, b.resource->name),
                     " may both report a purchase in ", shared.category->name,
                     ", and nothing says whose counts; set `precedence` on ", shared.category->name,
                     ", on one above it or on the observatory, or narrow the "
                     "scope of one source: its window, regions, categories or channels")};
    return true;
  }

  // Whom it overlaps with cannot be told.
  bool Refuse(const Scope& scope, int blamed) {
    if (blamed == kUntouched) blamed = regions_.any_change();
    const Resource& change = *changes_[static_cast<size_t>(blamed)].after;
    found_ = ScopeOverlap{
        static_cast<size_t>(blamed),
        change.type() == Type::kSource ? "regions" : BlamedField(change.type()), "SCOPE_TOO_LARGE",
        absl::StrCat(scope.resource->name, " reports its regions in more than ",
                     regions_.max_windows(),
                     " windows of days, those of its groups' members counted, so that overlaps "
                     "with other sources cannot be judged; name wider regions instead of groups, "
                     "or set `precedence` on the observatory")};
    return true;
  }

  const Overlay& after_;
  const std::span<const Change> changes_;
  bool any_touched_ = false;
  int all_touched_ = kUntouched;
  // Sources and categories.
  absl::flat_hash_map<std::string_view, int> touched_;
  ScopeRegions regions_;
  absl::flat_hash_set<std::string_view> region_touched_;
  std::vector<Scope> scopes_;
  absl::flat_hash_map<const Resource*, Listers> listers_;
  Listers all_categories_;
  std::vector<Bare> roots_;
  std::vector<Bare> touched_roots_;
  // Of the source that is looked at, by position of the other: a pair may share many categories.
  absl::flat_hash_map<uint32_t, bool> met_;
  std::optional<ScopeOverlap> found_;
};

}  // namespace

std::optional<ScopeOverlap> FindScopeOverlap(const Overlay& after, std::span<const Change> changes,
                                             size_t max_windows) {
  return Finder(after, changes, max_windows).Run();
}

}  // namespace tidemark::catalog
