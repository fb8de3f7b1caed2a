#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_GROUPS_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_GROUPS_H_

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "services/analytics/testing/world.h"

namespace tidemark::analytics::testing {

// Ids of the regions that are in a group on a day, members of its groups too, but not what lies
// below.
inline void AddGroupMembers(const World& world, const std::string& group, int64_t day,
                            std::set<std::string>* regions) {
  for (const WorldGroup& one : world.groups) {
    if (one.id != group) continue;
    for (const WorldMember& member : one.members) {
      if (member.start && day < DayNumber(*member.start)) continue;
      if (member.end && day >= DayNumber(*member.end)) continue;
      if (absl::StartsWith(member.member, "regionGroups/")) {
        AddGroupMembers(world, member.member.substr(13), day, regions);
      } else {
        regions->insert(member.member.substr(8));
      }
    }
  }
}

inline std::string ParentOf(const World& world, const std::string& region) {
  for (const WorldRegion& one : world.regions) {
    if (one.id == region) return one.parent;
  }
  return "";
}

// Whether a region is one of some, or lies below one.
inline bool LiesInAny(const World& world, std::string region,
                      const std::set<std::string>& regions) {
  for (; !region.empty(); region = ParentOf(world, region)) {
    if (regions.contains(region)) return true;
  }
  return false;
}

// The region itself, or the members of the group on the day without those that lie within another
// one. `place`: a name.
inline std::set<std::string> RegionsOfPlace(const World& world, const std::string& place,
                                            int64_t day) {
  if (absl::StartsWith(place, "regions/")) return {place.substr(8)};
  std::set<std::string> all, outer;
  AddGroupMembers(world, place.substr(13), day, &all);
  for (const std::string& region : all) {
    const std::string parent = ParentOf(world, region);
    if (!LiesInAny(world, parent, all)) outer.insert(region);
  }
  return outer;
}

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_GROUPS_H_
