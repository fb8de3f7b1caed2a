#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {

void CheckRegionGroup(const RegionGroup& group, Report& report) {
  absl::flat_hash_map<std::string_view, std::vector<const Validity*>> windows;
  for (size_t i = 0; i < group.members.size(); ++i) {
    const RegionGroupMember& member = group.members[i];
    const std::string field = absl::StrCat("members[", i, "]");
    if (member.member.empty()) {
      report.AddTyped(field + ".member", "missing; want regions/... or regionGroups/...");
      continue;
    }
    CheckValidity(member.valid, field + ".valid", report);
    // A member may leave and come back, so only windows that overlap are doubled.
    auto& earlier = windows[member.member];
    for (const Validity* other : earlier) {
      if (!Overlap(*other, member.valid)) continue;
      report.AddTyped(field,
                      absl::StrCat(Quoted(member.member), " is a member twice in ",
                                   ToString(member.valid), "; keep one"),
                      "DUPLICATE");
      break;
    }
    earlier.push_back(&member.valid);
  }
}

}  // namespace tidemark::catalog
