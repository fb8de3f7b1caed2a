#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_HIERARCHY_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_HIERARCHY_H_

#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"

namespace tidemark::catalog {

// Rules between resources, judged on the state as it would be after the whole request: every
// reference exists, levels grow downwards, a parent's validity covers the child's, no cycles of
// regions, categories or groups. Made for one request; costs time in proportion to what changes,
// not to the catalog.
class HierarchyCheck {
 public:
  explicit HierarchyCheck(const Overlay& after) : after_(after) {}

  // Judges one changed resource and, where its change touches them, those below it.
  void Check(const Resource& resource, Report& report);

 private:
  enum class Walk { kOpen, kRooted, kCyclic };

  bool CheckReferences(const Resource& resource, Report& report);
  void CheckParent(const Resource& resource, Report& report);
  void CheckChildren(const Resource& resource, Report& report) const;
  Walk WalkUp(const Resource& resource);
  Walk WalkGroup(const Resource& group);

  const Overlay& after_;
  // Looking for near names costs a pass over a collection, so only the first problems get them.
  int suggestions_left_ = 3;
  // What is known about a name; spares every later walk the same way.
  absl::flat_hash_map<std::string_view, Walk> known_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_HIERARCHY_H_
