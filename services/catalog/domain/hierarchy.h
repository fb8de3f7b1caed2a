#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_HIERARCHY_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_HIERARCHY_H_

#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"

namespace tidemark::catalog {

// Levels of categories; a root is the first. Walks of the other services end at 64.
inline constexpr int kMaxCategoryLevel = 32;
// Groups one inside the other.
inline constexpr int kMaxGroupDepth = 16;
// Memberships of a group with those of its member groups: what each service holds in memory of it.
inline constexpr size_t kMaxGroupMemberships = 1'000'000;

// Rules between resources, judged on the state as it would be after the whole request: every
// reference exists, levels grow downwards, a parent's validity covers the child's, no cycles of
// regions, categories or groups, none of them too deep. Made for one request; costs time in
// proportion to what changes, what lies below a category that moves, and the groups that a changed
// one is part of, not to the catalog.
class HierarchyCheck {
 public:
  explicit HierarchyCheck(const Overlay& after) : after_(after) {}

  // Judges one changed resource and, where its change touches them, those below it.
  void Check(const Resource& resource, Report& report);

 private:
  enum class Walk { kOpen, kRooted, kCyclic };
  struct GroupExtent {
    // Groups one inside the other, this one counted.
    int depth = 1;
    // Memberships, those of member groups counted in each time; stops growing at the limit.
    size_t memberships = 0;
  };

  bool CheckReferences(const Resource& resource, Report& report);
  void CheckParent(const Resource& resource, Report& report);
  void CheckSuccessors(const Resource& region, Report& report) const;
  void CheckChildren(const Resource& resource, Report& report) const;
  void CheckCategoryDepth(const Resource& category, Report& report) const;
  // Those that existed before and are not moved away.
  std::vector<const Resource*> ChildrenOf(const std::vector<const Resource*>& categories) const;
  // Judges the group and the unchanged ones that it is part of.
  void CheckGroup(const Resource& group, Report& report);
  // Whether it keeps to the limits; the group has been walked.
  bool CheckGroupExtent(const Resource& group, Report& report) const;
  Walk WalkUp(const Resource& resource);
  Walk WalkGroup(const Resource& group);
  GroupExtent ExtentOf(const RegionGroup& group) const;

  const Overlay& after_;
  // Looking for near names costs a pass over a collection, so only the first problems get them.
  int suggestions_left_ = 3;
  // What is known about a name; spares every later walk the same way.
  absl::flat_hash_map<std::string_view, Walk> known_;
  // Of the groups known as rooted.
  absl::flat_hash_map<std::string_view, GroupExtent> extents_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_HIERARCHY_H_
