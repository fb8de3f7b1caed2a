#include "services/analytics/statistics/targets/month_sums.h"

#include <algorithm>
#include <deque>

#include "services/analytics/statistics/targets/period_span.h"

namespace tidemark::analytics {

void MonthSums::Add(int64_t first, int64_t end) {
  steps_[first].push_back({end, {parts_, 1}});
  steps_[end].push_back({first, {parts_, -1}});
  ++parts_;
}

std::optional<std::vector<MonthSums::Term>> MonthSums::Find(int64_t first, int64_t end) const {
  if (!steps_.contains(first) || !steps_.contains(end)) return std::nullopt;
  // Breadth first, so that a boundary is reached by the fewest parts; from where and by which one.
  std::map<int64_t, Step> reached{{first, {first, {}}}};
  std::deque<int64_t> open{first};
  while (!open.empty() && !reached.contains(end)) {
    const int64_t at = open.front();
    open.pop_front();
    for (const Step& step : steps_.at(at)) {
      if (reached.emplace(step.to, Step{at, step.term}).second) open.push_back(step.to);
    }
  }
  if (!reached.contains(end)) return std::nullopt;
  std::vector<Term> terms;
  for (int64_t at = end; at != first; at = reached.at(at).to) terms.push_back(reached.at(at).term);
  std::reverse(terms.begin(), terms.end());
  return terms;
}

std::optional<int64_t> MonthSums::LastYearEnd() const {
  // Boundaries that sums connect have one number.
  std::map<int64_t, int> group;
  int groups = 0;
  for (const auto& [boundary, steps] : steps_) {
    if (group.contains(boundary)) continue;
    std::vector<int64_t> open{boundary};
    group[boundary] = ++groups;
    while (!open.empty()) {
      const int64_t at = open.back();
      open.pop_back();
      for (const Step& step : steps_.at(at)) {
        if (group.emplace(step.to, groups).second) open.push_back(step.to);
      }
    }
  }
  for (auto end = group.rbegin(); end != group.rend(); ++end) {
    if (end->first % kMonthsOfQuarter != 0) continue;
    const auto begin = group.find(end->first - kMonthsOfYear);
    if (begin != group.end() && begin->second == end->second) return end->first;
  }
  return std::nullopt;
}

}  // namespace tidemark::analytics
