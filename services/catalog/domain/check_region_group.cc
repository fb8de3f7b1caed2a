#include <algorithm>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

// One membership of a member, at its place in the list. A member may leave and come back, so only
// windows that overlap are doubled.
struct Window {
  const Validity* valid;
  size_t index;
};

bool StartsEarlier(const Window& a, const Window& b) {
  constexpr Date kEver = {0, 0, 0};
  return std::pair(a.valid->start.value_or(kEver), a.index) <
         std::pair(b.valid->start.value_or(kEver), b.index);
}

bool EndsLater(const Window& a, const Window& b) {
  if (!b.valid->end) return false;
  return !a.valid->end || *a.valid->end > *b.valid->end;
}

}  // namespace

void CheckRegionGroup(const RegionGroup& group, Report& report) {
  absl::flat_hash_map<std::string_view, std::vector<Window>> windows;
  for (size_t i = 0; i < group.members.size(); ++i) {
    const RegionGroupMember& member = group.members[i];
    const std::string field = absl::StrCat("members[", i, "]");
    if (member.member.empty()) {
      report.AddTyped(field + ".member", "missing; want regions/... or regionGroups/...");
      continue;
    }
    CheckValidity(member.valid, field + ".valid", report);
    windows[member.member].push_back({&member.valid, i});
  }
  // By position, so that what is reported first does not follow from hashes.
  std::map<size_t, const RegionGroupMember*> doubled;
  for (auto& [name, of_member] : windows) {
    std::sort(of_member.begin(), of_member.end(), StartsEarlier);
    // In order of start, a window overlaps an earlier one exactly when it overlaps the one that
    // reaches furthest.
    const Window* furthest = &of_member.front();
    for (size_t k = 1; k < of_member.size(); ++k) {
      const Window& window = of_member[k];
      if (Overlap(*furthest->valid, *window.valid)) {
        const size_t later = std::max(furthest->index, window.index);
        doubled.emplace(later, &group.members[later]);
      }
      if (EndsLater(window, *furthest)) furthest = &window;
    }
  }
  for (const auto& [index, member] : doubled) {
    report.AddTyped(absl::StrCat("members[", index, "]"),
                    absl::StrCat(Quoted(member->member), " is a member twice in ",
                                 ToString(member->valid), "; keep one"),
                    "DUPLICATE");
  }
}

}  // namespace tidemark::catalog
