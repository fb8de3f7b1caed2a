#include "services/catalog/domain/hierarchy.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/references.h"
#include "services/catalog/domain/region_levels.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr std::string_view kGroups = "regionGroups/";
// Bounds the work that one region can cause.
constexpr size_t kMostSuccessors = 2000;

// Null for types without a parent.
const std::string* ParentOf(const Resource& resource) {
  if (const auto* region = std::get_if<Region>(&resource.content)) return &region->parent;
  if (const auto* category = std::get_if<Category>(&resource.content)) return &category->parent;
  return nullptr;
}

const Validity& ValidityOf(const Resource& resource) {
  if (const auto* region = std::get_if<Region>(&resource.content)) return region->valid;
  return std::get<Category>(resource.content).valid;
}

// Regions alone have levels of their own; a category's follows from its depth.
bool LevelsFit(const Resource& parent, const Resource& child) {
  const auto* region = std::get_if<Region>(&child.content);
  return region == nullptr || LowestLevelOf(std::get<Region>(parent.content)) < region->level;
}

bool SameLevels(const Resource& a, const Resource& b) {
  const auto* region = std::get_if<Region>(&a.content);
  if (region == nullptr) return true;
  const Region& other = std::get<Region>(b.content);
  return region->level == other.level && region->lowest_level == other.lowest_level;
}

std::string_view LevelText(const Resource& region) {
  return NameOf(std::get<Region>(region.content).level);
}

// Which field says what its lowest level is.
std::string LowestLevelField(const Resource& region) {
  const bool given = std::get<Region>(region.content).lowest_level != RegionLevel::kUnspecified;
  return given ? "lowest_level" : "level";
}

std::string_view LowestLevelText(const Resource& region) {
  return NameOf(LowestLevelOf(std::get<Region>(region.content)));
}

}  // namespace

void HierarchyCheck::Check(const Resource& resource, Report& report) {
  if (!CheckReferences(resource, report)) return;
  if (ParentOf(resource) != nullptr) {
    CheckParent(resource, report);
    CheckChildren(resource, report);
    if (resource.type() == Type::kRegion) CheckSuccessors(resource, report);
  } else if (resource.type() == Type::kRegionGroup) {
    CheckGroup(resource, report);
  } else if (resource.type() >= kFirstDocument) {
    after_.base().rules().CheckTogether(resource, after_, report);
  }
}

bool HierarchyCheck::CheckReferences(const Resource& resource, Report& report) {
  bool good = true;
  ForEachReference(resource, after_.base().rules(), [&](const Reference& reference) {
    if (after_.Find(reference.target) != nullptr) return;
    good = false;
    std::string near;
    if (suggestions_left_-- > 0) {
      const auto candidates = after_.base().Candidates(reference.target);
      for (const std::string& name : NearestNames(candidates, reference.target, 3)) {
        absl::StrAppend(&near, near.empty() ? "; near it: " : ", ", name);
      }
    }
    AddTo(reference,
          absl::StrCat(Quoted(reference.target),
                       " does not exist; apply it before or in the same request", near),
          "DANGLING_REFERENCE", report);
  });
  return good;
}

void HierarchyCheck::CheckParent(const Resource& resource, Report& report) {
  const std::string& name = *ParentOf(resource);
  if (name.empty()) return;
  // A cycle first: levels inside it cannot fit either, and say less.
  if (WalkUp(resource) == Walk::kCyclic) {
    report.AddTyped("parent",
                    absl::StrCat(name, " leads back to ", resource.name,
                                 "; choose a parent outside of what is below it"),
                    "CYCLE");
    return;
  }
  const Resource& parent = *after_.Find(name);
  if (!LevelsFit(parent, resource)) {
    report.AddTyped("level",
                    absl::StrCat(LevelText(resource), " must be below the level of ", name, ", ",
                                 LowestLevelText(parent)),
                    "LEVEL_ORDER");
  }
  // Regions need no limit: their levels are few, and each lies below its parent's.
  if (resource.type() == Type::kCategory) CheckCategoryDepth(resource, report);
  if (!Covers(ValidityOf(parent), ValidityOf(resource))) {
    report.AddTyped("valid",
                    absl::StrCat(ToString(ValidityOf(resource)), " must lie within that of ", name,
                                 ", ", ToString(ValidityOf(parent))),
                    "VALIDITY_NOT_COVERED");
  }
}

// Follows what took over from the region, from one to the next.
void HierarchyCheck::CheckSuccessors(const Resource& region, Report& report) const {
  absl::flat_hash_set<std::string_view> seen;
  std::vector<const Resource*> open = {&region};
  while (!open.empty() && seen.size() <= kMostSuccessors) {
    const Resource* at = open.back();
    open.pop_back();
    for (const RegionSuccessor& successor : std::get<Region>(at->content).successors) {
      if (successor.region == region.name) {
        return report.AddTyped("successors",
                               absl::StrCat(at->name, " leads back to ", region.name,
                                            "; a region cannot take over from itself"),
                               "CYCLE");
      }
      if (!seen.insert(successor.region).second) continue;
      const Resource* next = after_.Find(successor.region);
      if (next != nullptr) open.push_back(next);
    }
  }
  if (seen.size() > kMostSuccessors) {
    report.AddTyped("successors", absl::StrCat("lead to more than ", kMostSuccessors, " regions"),
                    "TOO_DEEP");
  }
}

void HierarchyCheck::CheckChildren(const Resource& resource, Report& report) const {
  const Resource* before = after_.base().Find(resource.name);
  if (before == nullptr) return;
  const bool same = SameLevels(*before, resource) && ValidityOf(*before) == ValidityOf(resource);
  if (same) return;
  after_.base().ForEachReferrer(resource.name, [&](std::string_view child_name) {
    // Those changed by the same request are judged from their own side.
    if (after_.changed(child_name)) return;
    const Resource& child = *after_.Find(child_name);
    const std::string* parent = ParentOf(child);
    if (parent == nullptr || *parent != resource.name) return;
    if (!LevelsFit(resource, child)) {
      report.AddTyped(
          LowestLevelField(resource),
          absl::StrCat(LowestLevelText(resource), " must be above the level of its child ",
                       child_name, ", ", LevelText(child)),
          "LEVEL_ORDER");
    }
    if (!Covers(ValidityOf(resource), ValidityOf(child))) {
      report.AddTyped(
          "valid",
          absl::StrCat(ToString(ValidityOf(resource)), " must cover that of its child ", child_name,
                       ", ", ToString(ValidityOf(child)), "; change both in one request"),
          "VALIDITY_NOT_COVERED");
    }
  });
}

// Judges the category and, when it moves, what lies below it. What the same request moves there
// judges itself.
void HierarchyCheck::CheckCategoryDepth(const Resource& category, Report& report) const {
  int level = 1;
  for (const Resource* at = &category; level <= kMaxCategoryLevel + 1; ++level) {
    const std::string& parent = *ParentOf(*at);
    at = parent.empty() ? nullptr : after_.Find(parent);
    if (at == nullptr) break;
  }
  const Resource* deepest = &category;
  const Resource* before = after_.base().Find(category.name);
  if (before != nullptr && *ParentOf(*before) != *ParentOf(category)) {
    std::vector<const Resource*> row = {&category};
    for (; !row.empty() && level <= kMaxCategoryLevel; ++level) {
      deepest = row.front();
      row = ChildrenOf(row);
    }
    // The row after the last was empty.
    level -= row.empty() ? 1 : 0;
    if (!row.empty()) deepest = row.front();
  }
  if (level <= kMaxCategoryLevel) return;
  report.AddTyped("parent",
                  absl::StrCat("puts ", deepest->name, " below level ", kMaxCategoryLevel,
                               ", the deepest there is; choose a parent further up"),
                  "TOO_DEEP");
}

std::vector<const Resource*> HierarchyCheck::ChildrenOf(
    const std::vector<const Resource*>& categories) const {
  std::vector<const Resource*> children;
  for (const Resource* category : categories) {
    after_.base().ForEachReferrer(category->name, [&](std::string_view name) {
      const Resource* child = after_.Find(name);
      if (child->type() == Type::kCategory && *ParentOf(*child) == category->name) {
        children.push_back(child);
      }
    });
  }
  return children;
}

void HierarchyCheck::CheckGroup(const Resource& group, Report& report) {
  if (WalkGroup(group) == Walk::kCyclic) {
    report.AddTyped("members", "makes a cycle of groups; leave out the member that leads back",
                    "CYCLE");
    return;
  }
  std::vector<const Resource*> open = {&group};
  absl::flat_hash_set<std::string_view> seen = {std::string_view(group.name)};
  while (!open.empty()) {
    const Resource& at = *open.back();
    open.pop_back();
    if (WalkGroup(at) != Walk::kRooted || !CheckGroupExtent(at, report)) return;
    after_.base().ForEachReferrer(at.name, [&](std::string_view name) {
      // Those changed by the same request are judged from their own side.
      if (after_.changed(name) || !absl::StartsWith(name, kGroups)) return;
      if (seen.insert(name).second) open.push_back(after_.Find(name));
    });
  }
}

bool HierarchyCheck::CheckGroupExtent(const Resource& group, Report& report) const {
  const GroupExtent& extent = extents_.at(group.name);
  if (extent.depth > kMaxGroupDepth) {
    report.AddTyped(
        "members",
        absl::StrCat("nests ", extent.depth, " groups in ", group.name, ", want at most ",
                     kMaxGroupDepth, "; name the regions instead of some groups"),
        "TOO_DEEP");
  } else if (extent.memberships > kMaxGroupMemberships) {
    report.AddTyped(
        "members",
        absl::StrCat("makes more than ", kMaxGroupMemberships, " memberships of ", group.name,
                     ", those of its groups counted; name wider regions instead"),
        "GROUP_TOO_LARGE");
  } else {
    return true;
  }
  return false;
}

HierarchyCheck::GroupExtent HierarchyCheck::ExtentOf(const RegionGroup& group) const {
  GroupExtent extent;
  for (const RegionGroupMember& member : group.members) {
    const auto inner = extents_.find(member.member);
    if (inner != extents_.end()) extent.depth = std::max(extent.depth, inner->second.depth + 1);
    extent.memberships += inner == extents_.end() ? 1 : inner->second.memberships;
    extent.memberships = std::min(extent.memberships, kMaxGroupMemberships + 1);
  }
  return extent;
}

HierarchyCheck::Walk HierarchyCheck::WalkUp(const Resource& resource) {
  std::vector<std::string_view> path;
  Walk result = Walk::kRooted;
  for (const Resource* at = &resource; at != nullptr;) {
    const auto [it, is_new] = known_.try_emplace(at->name, Walk::kOpen);
    if (!is_new) {
      // Open: met on this very walk.
      result = it->second == Walk::kOpen ? Walk::kCyclic : it->second;
      break;
    }
    path.push_back(at->name);
    const std::string& parent = *ParentOf(*at);
    // A parent that does not exist is reported where it is named.
    at = parent.empty() ? nullptr : after_.Find(parent);
  }
  for (const std::string_view name : path) known_[name] = result;
  return result;
}

HierarchyCheck::Walk HierarchyCheck::WalkGroup(const Resource& group) {
  struct Step {
    const Resource* group;
    size_t next;
  };
  if (const auto it = known_.find(group.name); it != known_.end()) return it->second;
  std::vector<Step> path = {{&group, 0}};
  known_[group.name] = Walk::kOpen;
  Walk result = Walk::kRooted;
  while (!path.empty() && result == Walk::kRooted) {
    Step& step = path.back();
    const auto& members = std::get<RegionGroup>(step.group->content).members;
    if (step.next == members.size()) {
      known_[step.group->name] = Walk::kRooted;
      extents_[step.group->name] = ExtentOf(std::get<RegionGroup>(step.group->content));
      path.pop_back();
      continue;
    }
    const std::string& member = members[step.next++].member;
    if (!absl::StartsWith(member, kGroups)) continue;
    const Resource* inner = after_.Find(member);
    if (inner == nullptr) continue;
    const auto [it, is_new] = known_.try_emplace(inner->name, Walk::kOpen);
    if (!is_new && it->second != Walk::kRooted) result = Walk::kCyclic;
    if (is_new) path.push_back({inner, 0});
  }
  for (const Step& step : path) known_[step.group->name] = result;
  return result;
}

}  // namespace tidemark::catalog
