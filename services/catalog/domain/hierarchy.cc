#include "services/catalog/domain/hierarchy.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/references.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

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

int LevelOf(const Resource& resource) {
  const auto* region = std::get_if<Region>(&resource.content);
  return region == nullptr ? 0 : static_cast<int>(region->level);
}

// Regions alone have levels of their own; a category's follows from its depth.
bool LevelsFit(const Resource& parent, const Resource& child) {
  return child.type() != Type::kRegion || LevelOf(parent) < LevelOf(child);
}

}  // namespace

void HierarchyCheck::Check(const Resource& resource, Report& report) {
  if (!CheckReferences(resource, report)) return;
  if (ParentOf(resource) != nullptr) {
    CheckParent(resource, report);
    CheckChildren(resource, report);
  } else if (resource.type() == Type::kRegionGroup && WalkGroup(resource) == Walk::kCyclic) {
    report.AddTyped("members", "makes a cycle of groups; leave out the member that leads back",
                    "CYCLE");
  }
}

bool HierarchyCheck::CheckReferences(const Resource& resource, Report& report) {
  bool good = true;
  ForEachReference(resource, [&](const Reference& reference) {
    if (after_.Find(reference.target) != nullptr) return;
    good = false;
    std::string near;
    if (suggestions_left_-- > 0) {
      for (const std::string& name : after_.base().NearestNames(reference.target, 3)) {
        absl::StrAppend(&near, near.empty() ? "; near it: " : ", ", name);
      }
    }
    report.AddTyped(reference.Path(),
                    absl::StrCat(Quoted(reference.target),
                                 " does not exist; apply it before or in the same request", near),
                    "DANGLING_REFERENCE");
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
                    absl::StrCat(LevelOf(resource), " must be below the level of ", name, ", ",
                                 LevelOf(parent), " (numbers grow downwards)"),
                    "LEVEL_ORDER");
  }
  if (!Covers(ValidityOf(parent), ValidityOf(resource))) {
    report.AddTyped("valid",
                    absl::StrCat(ToString(ValidityOf(resource)), " must lie within that of ", name,
                                 ", ", ToString(ValidityOf(parent))),
                    "VALIDITY_NOT_COVERED");
  }
}

void HierarchyCheck::CheckChildren(const Resource& resource, Report& report) const {
  const Resource* before = after_.base().Find(resource.name);
  if (before == nullptr) return;
  const bool same =
      LevelOf(*before) == LevelOf(resource) && ValidityOf(*before) == ValidityOf(resource);
  if (same) return;
  after_.base().ForEachReferrer(resource.name, [&](std::string_view child_name) {
    // Those changed by the same request are judged from their own side.
    if (after_.changed(child_name)) return;
    const Resource& child = *after_.Find(child_name);
    if (child.type() != resource.type()) return;
    if (!LevelsFit(resource, child)) {
      report.AddTyped("level",
                      absl::StrCat(LevelOf(resource), " must be above the level of its child ",
                                   child_name, ", ", LevelOf(child)),
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
      path.pop_back();
      continue;
    }
    const std::string& member = members[step.next++].member;
    if (!absl::StartsWith(member, "regionGroups/")) continue;
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
