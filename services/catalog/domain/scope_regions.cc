#include "services/catalog/domain/scope_regions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"

namespace tidemark::catalog {
namespace {

using Entry = ScopeRegions::Entry;
using List = ScopeRegions::List;

const Region& RegionOf(const Resource& resource) { return std::get<Region>(resource.content); }

std::optional<int> MeetAll(const List& list, const Validity& window, bool only_touched) {
  for (const Entry& entry : list.entries) {
    if ((!only_touched || entry.touched != kUntouched) && Overlap(entry.window, window)) {
      return entry.touched;
    }
  }
  return std::nullopt;
}

}  // namespace

int ScopeRegions::TouchedAbove(const Resource* region) const {
  if (touched_.empty()) return kUntouched;
  while (region != nullptr) {
    const auto found = touched_.find(region->name);
    if (found != touched_.end()) return found->second;
    const std::string& parent = RegionOf(*region).parent;
    region = parent.empty() ? nullptr : after_.Find(parent);
  }
  return kUntouched;
}

void ScopeRegions::Add(const std::string& name, const Validity& window, int touched,
                       std::vector<Entry>* out) {
  const Resource* resource = after_.Find(name);
  if (resource == nullptr) return;
  if (resource->type() == Type::kRegion) {
    const auto days = Common(window, RegionOf(*resource).valid);
    if (!days) return;
    out->push_back({resource, *days, touched != kUntouched ? touched : TouchedAbove(resource)});
    return;
  }
  for (const Entry& member : Members(*resource)) {
    const auto days = Common(window, member.window);
    if (!days) continue;
    out->push_back({member.region, *days, touched != kUntouched ? touched : member.touched});
  }
}

const std::vector<Entry>& ScopeRegions::Members(const Resource& group) {
  if (const auto known = groups_.find(&group); known != groups_.end()) return *known->second;
  auto members = std::make_unique<std::vector<Entry>>();
  const auto change = touched_.find(group.name);
  const int touched = change == touched_.end() ? kUntouched : change->second;
  for (const RegionGroupMember& member : std::get<RegionGroup>(group.content).members) {
    Add(member.member, member.valid, touched, members.get());
  }
  return *groups_.emplace(&group, std::move(members)).first->second;
}

const List& ScopeRegions::Of(const std::vector<std::string>& regions) {
  auto& list = lists_[absl::StrJoin(regions, ",")];
  if (list != nullptr) return *list;
  list = std::make_unique<List>();
  for (const std::string& name : regions) Add(name, {}, kUntouched, &list->entries);
  for (size_t i = 0; i < list->entries.size(); ++i) {
    list->by_region[list->entries[i].region].push_back(i);
  }
  return *list;
}

std::optional<int> ScopeRegions::MeetBelow(const List& below, const List& above,
                                           const Validity& window, bool only_touched) const {
  for (const Entry& entry : below.entries) {
    const auto days = Common(entry.window, window);
    if (!days) continue;
    for (const Resource* at = entry.region; at != nullptr;) {
      const auto listed = above.by_region.find(at);
      const size_t count = listed == above.by_region.end() ? 0 : listed->second.size();
      for (size_t i = 0; i < count; ++i) {
        const Entry& other = above.entries[listed->second[i]];
        const int touched = entry.touched != kUntouched ? entry.touched : other.touched;
        if (only_touched && touched == kUntouched) continue;
        if (Overlap(*days, other.window)) return touched;
      }
      const std::string& parent = RegionOf(*at).parent;
      at = parent.empty() ? nullptr : after_.Find(parent);
    }
  }
  return std::nullopt;
}

std::optional<int> ScopeRegions::Meet(const List* a, const List* b, const Validity& window,
                                      bool only_touched) const {
  if (a == nullptr && b == nullptr) return only_touched ? std::nullopt : std::optional(kUntouched);
  if (a == nullptr) return MeetAll(*b, window, only_touched);
  if (b == nullptr) return MeetAll(*a, window, only_touched);
  const auto found = MeetBelow(*a, *b, window, only_touched);
  return found ? found : MeetBelow(*b, *a, window, only_touched);
}

}  // namespace tidemark::catalog
