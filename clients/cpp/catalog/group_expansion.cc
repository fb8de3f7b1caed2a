#include "clients/cpp/catalog/group_expansion.h"

#include <algorithm>
#include <map>
#include <utility>

namespace tidemark::catalog_client {
namespace {

Interval Intersection(const Interval& a, const Interval& b) {
  return {std::max(a.start_us, b.start_us), std::min(a.end_us, b.end_us)};
}

class Expander {
 public:
  explicit Expander(std::vector<RegionGroup>* groups)
      : groups_(*groups), state_(groups->size(), State::kNew) {}

  // Each group is expanded once, so nesting that shares groups does not multiply the work. Without
  // recursion: how deep groups nest is for the catalog to limit, not for the stack.
  void Expand(Ordinal ordinal) {
    if (state_[ordinal] != State::kNew) return;
    std::vector<Step> path = {{ordinal, 0}};
    state_[ordinal] = State::kOpen;
    while (!path.empty()) {
      Step& step = path.back();
      const std::vector<RegionGroupMember>& members = groups_[step.group].members;
      if (step.next == members.size()) {
        Finish(step.group);
        path.pop_back();
        continue;
      }
      const RegionGroupMember& member = members[step.next++];
      if (!member.is_group || state_[member.member] != State::kNew) continue;
      state_[member.member] = State::kOpen;
      path.push_back({member.member, 0});
    }
  }

 private:
  enum class State : uint8_t { kNew, kOpen, kDone };
  struct Step {
    Ordinal group;
    size_t next;
  };

  // Its member groups are done, but for those that lead back to it.
  void Finish(Ordinal ordinal) {
    std::map<Ordinal, std::vector<Interval>> times;
    for (const RegionGroupMember& member : groups_[ordinal].members) {
      if (!member.is_group) {
        times[member.member].push_back(member.valid);
        continue;
      }
      if (state_[member.member] != State::kDone) continue;
      for (const DatedRegion& region : groups_[member.member].regions) {
        for (const Interval& time : region.times) {
          times[region.region].push_back(Intersection(time, member.valid));
        }
      }
    }
    std::vector<DatedRegion> regions;
    for (auto& [region, intervals] : times) {
      std::vector<Interval> merged = UnionOf(std::move(intervals));
      if (!merged.empty()) regions.push_back({region, std::move(merged)});
    }
    groups_[ordinal].regions = std::move(regions);
    state_[ordinal] = State::kDone;
  }

  std::vector<RegionGroup>& groups_;
  std::vector<State> state_;
};

}  // namespace

std::vector<Interval> UnionOf(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) {
    return std::pair(a.start_us, a.end_us) < std::pair(b.start_us, b.end_us);
  });
  std::vector<Interval> merged;
  for (const Interval& interval : intervals) {
    if (interval.empty()) continue;
    if (!merged.empty() && interval.start_us <= merged.back().end_us) {
      merged.back().end_us = std::max(merged.back().end_us, interval.end_us);
    } else {
      merged.push_back(interval);
    }
  }
  return merged;
}

void ExpandGroups(std::vector<RegionGroup>* groups) {
  Expander expander(groups);
  for (Ordinal i = 0; i < groups->size(); ++i) expander.Expand(i);
}

}  // namespace tidemark::catalog_client
