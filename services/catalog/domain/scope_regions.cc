#include "services/catalog/domain/scope_regions.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <tuple>
#include <utility>

#include "absl/strings/str_join.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/references.h"

namespace tidemark::catalog {
namespace {

using Days = ScopeRegions::Days;
using Entry = ScopeRegions::Entry;

constexpr Days kAlways = {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};

const Region& RegionOf(const Resource& resource) { return std::get<Region>(resource.content); }

int32_t Number(const Date& date) { return (date.year * 16 + date.month) * 32 + date.day; }

Days DaysOf(const Validity& validity) {
  return {validity.start ? Number(*validity.start) : kAlways.start,
          validity.end ? Number(*validity.end) : kAlways.end};
}

std::optional<Days> Common(const Days& a, const Days& b) {
  const Days both = {std::max(a.start, b.start), std::min(a.end, b.end)};
  return both.start < both.end ? std::optional(both) : std::nullopt;
}

bool Earlier(const Entry& a, const Entry& b) {
  return std::tuple(a.region, a.days.start) < std::tuple(b.region, b.days.start);
}

// Appends the windows of one region, [begin, end) in the order of their starts, cut where another
// change becomes the first that touches it.
void AppendMerged(const Entry* begin, const Entry* end, std::vector<Entry>* out) {
  // Of the windows that have begun, the one with the first change; untouched ones come last.
  const auto is_behind = [](const Entry* a, const Entry* b) {
    return static_cast<uint32_t>(a->touched) > static_cast<uint32_t>(b->touched);
  };
  std::priority_queue<const Entry*, std::vector<const Entry*>, decltype(is_behind)> begun(
      is_behind);
  const size_t first = out->size();
  int32_t at = begin->days.start;
  for (const Entry* next = begin; next != end || !begun.empty();) {
    while (!begun.empty() && begun.top()->days.end <= at) begun.pop();
    if (begun.empty()) {
      if (next == end) return;
      at = std::max(at, next->days.start);
    }
    while (next != end && next->days.start <= at) begun.push(next++);
    if (begun.empty() || begun.top()->days.end <= at) continue;
    const Entry& top = *begun.top();
    const int32_t until = next == end ? top.days.end : std::min(top.days.end, next->days.start);
    if (out->size() > first && out->back().days.end == at && out->back().touched == top.touched) {
      out->back().days.end = until;
    } else {
      out->push_back({top.region, {at, until}, top.touched});
    }
    at = until;
  }
}

// Windows of one region that touch or overlap become one.
void Merge(std::vector<Entry>* entries) {
  std::sort(entries->begin(), entries->end(), Earlier);
  std::vector<Entry> merged;
  const Entry* const end = entries->data() + entries->size();
  for (const Entry* from = entries->data(); from != end;) {
    const Entry* to = from + 1;
    while (to != end && to->region == from->region) ++to;
    if (to - from == 1) {
      merged.push_back(*from);
    } else {
      AppendMerged(from, to, &merged);
    }
    from = to;
  }
  merged.shrink_to_fit();
  *entries = std::move(merged);
}

std::vector<Entry> OnlyTouched(const std::vector<Entry>& entries) {
  std::vector<Entry> touched;
  for (const Entry& entry : entries) {
    if (entry.touched != kUntouched) touched.push_back(entry);
  }
  return touched;
}

std::optional<int32_t> FirstOn(const ScopeRegions::Entries& entries, const Days& days) {
  for (const Entry& entry : entries.all()) {
    if (Common(entry.days, days)) return entry.touched;
  }
  return std::nullopt;
}

}  // namespace

ScopeRegions::Entries::Entries(std::vector<Entry> sorted) : all_(std::move(sorted)) {
  for (uint32_t i = 0; i < all_.size(); ++i) {
    by_region_.try_emplace(all_[i].region, Range{i, i}).first->second.end = i + 1;
  }
}

const Entry* ScopeRegions::Entries::Find(const Resource* region, const Days& days) const {
  const auto range = by_region_.find(region);
  if (range == by_region_.end()) return nullptr;
  const auto end = all_.begin() + range->second.end;
  const auto found =
      std::partition_point(all_.begin() + range->second.begin, end,
                           [&](const Entry& entry) { return entry.days.end <= days.start; });
  return found != end && found->days.start < days.end ? &*found : nullptr;
}

const Resource* ScopeRegions::ParentOf(const Resource& region) const {
  const std::string& parent = RegionOf(region).parent;
  return parent.empty() ? nullptr : after_.Find(parent);
}

int32_t ScopeRegions::TouchedAbove(const Resource* region) const {
  if (touched_.empty()) return kUntouched;
  for (; region != nullptr; region = ParentOf(*region)) {
    const auto found = touched_.find(region->name);
    if (found != touched_.end()) return found->second;
  }
  return kUntouched;
}

absl::flat_hash_set<std::string_view> ScopeRegions::Touched(std::span<const Change> changes) const {
  // What the changes refer to; that of others is known.
  absl::flat_hash_map<std::string_view, std::vector<std::string_view>> referrers;
  for (const Change& change : changes) {
    // Documents are in nobody's scope, and what is cited decides none.
    if (change.kind == ChangeKind::kNone || change.after->type() >= kFirstDocument) continue;
    ForEachReference(*change.after, after_.base().rules(), [&](const Reference& reference) {
      if (!reference.shared) referrers[reference.target].push_back(change.after->name);
    });
  }
  absl::flat_hash_set<std::string_view> seen;
  std::vector<std::string_view> open;
  const auto meet = [&](std::string_view name) {
    const auto parsed = ParseName(name);
    if (parsed && parsed->type >= kFirstDocument) return;
    if (seen.insert(name).second) open.push_back(name);
  };
  for (const auto& [name, change] : touched_) meet(name);
  while (!open.empty()) {
    const std::string_view at = open.back();
    open.pop_back();
    after_.base().ForEachReferrer(at, meet);
    if (const auto more = referrers.find(at); more != referrers.end()) {
      for (const std::string_view name : more->second) meet(name);
    }
  }
  return seen;
}

void ScopeRegions::Add(const std::string& name, const Days& days, int32_t touched, Windows* out) {
  const Resource* resource = after_.Find(name);
  if (resource == nullptr) return;
  if (resource->type() == Type::kRegion) {
    const auto both = Common(days, DaysOf(RegionOf(*resource).valid));
    if (!both) return;
    out->push_back({resource, *both, touched != kUntouched ? touched : TouchedAbove(resource)});
    return;
  }
  for (const Entry& member : Members(*resource)) {
    const auto both = Common(days, member.days);
    if (!both) continue;
    out->push_back({member.region, *both, touched != kUntouched ? touched : member.touched});
  }
}

const ScopeRegions::Windows& ScopeRegions::Members(const Resource& group) {
  if (const auto known = groups_.find(&group); known != groups_.end()) return *known->second;
  auto members = std::make_unique<Windows>();
  const auto change = touched_.find(group.name);
  const int32_t touched = change == touched_.end() ? kUntouched : change->second;
  for (const RegionGroupMember& member : std::get<RegionGroup>(group.content).members) {
    Add(member.member, DaysOf(member.valid), touched, members.get());
  }
  Merge(members.get());
  group_windows_ += members->size();
  return *groups_.emplace(&group, std::move(members)).first->second;
}

size_t ScopeRegions::NumberOf(const std::vector<std::string>& regions) {
  const auto [number, is_new] = numbers_.try_emplace(absl::StrJoin(regions, ","), regions_.size());
  if (is_new) regions_.push_back(&regions);
  return number->second;
}

std::shared_ptr<const ScopeRegions::List> ScopeRegions::Of(size_t number) {
  if (const auto held = lists_.find(number); held != lists_.end()) return held->second;
  Windows windows;
  // Merging whenever they have doubled keeps repeats from piling up.
  size_t merge_at = std::max<size_t>(max_windows_ / 4, 1);
  for (const std::string& name : *regions_[number]) {
    Add(name, kAlways, kUntouched, &windows);
    if (group_windows_ > max_windows_) {
      groups_.clear();
      group_windows_ = 0;
    }
    if (windows.size() < merge_at) continue;
    Merge(&windows);
    if (windows.size() > max_windows_) return nullptr;
    merge_at = std::max(merge_at, 2 * windows.size());
  }
  Merge(&windows);
  if (windows.size() > max_windows_) return nullptr;
  if (list_windows_ + windows.size() > max_windows_) {
    lists_.clear();
    list_windows_ = 0;
  }
  list_windows_ += windows.size();
  std::vector<Entry> touched = OnlyTouched(windows);
  auto list =
      std::make_shared<const List>(List{Entries(std::move(windows)), Entries(std::move(touched))});
  lists_[number] = list;
  return list;
}

std::optional<int32_t> ScopeRegions::MeetBelow(const Entries& below, const Entries& above,
                                               const Days& days) const {
  if (above.all().empty()) return std::nullopt;
  for (const Entry& entry : below.all()) {
    const auto common = Common(entry.days, days);
    if (!common) continue;
    for (const Resource* at = entry.region; at != nullptr; at = ParentOf(*at)) {
      if (const Entry* other = above.Find(at, *common)) {
        return entry.touched != kUntouched ? entry.touched : other->touched;
      }
    }
  }
  return std::nullopt;
}

bool ScopeRegions::Meet(const List* a, const List* b, const Validity& window) const {
  const Days days = DaysOf(window);
  if (a == nullptr && b == nullptr) return true;
  if (a == nullptr || b == nullptr) {
    return FirstOn((a == nullptr ? b : a)->entries, days).has_value();
  }
  return MeetBelow(a->entries, b->entries, days) || MeetBelow(b->entries, a->entries, days);
}

std::optional<int> ScopeRegions::MeetTouched(const List* a, const List* b,
                                             const Validity& window) const {
  const Days days = DaysOf(window);
  if (a == nullptr && b == nullptr) return std::nullopt;
  if (a == nullptr || b == nullptr) return FirstOn((a == nullptr ? b : a)->touched, days);
  std::optional<int> found;
  for (const auto& [one, other] : {std::pair(a, b), std::pair(b, a)}) {
    if (!found) found = MeetBelow(one->touched, other->entries, days);
    if (!found) found = MeetBelow(one->entries, other->touched, days);
  }
  return found;
}

}  // namespace tidemark::catalog
