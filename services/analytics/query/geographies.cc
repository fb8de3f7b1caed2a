#include "services/analytics/query/geographies.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/analytics/query/boundaries.h"
#include "services/analytics/query/engine_plan.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::kNone;
using catalog_client::Ordinal;

bool IsOfRegions(const DimensionWord* word) {
  return word != nullptr && word->codes == CodeKind::kRegions;
}

// Tells moments apart at which groups and regions are not the same for a plan.
class Signatures {
 public:
  // What regions make of a plan at a moment; equal where no event counts elsewhere.
  using Signature = std::vector<uint32_t>;

  explicit Signatures(const Plan& plan) : plan_(plan), view_(*plan.view) {
    for (const PlannedFilter& filter : plan.filters) {
      if (filter.at_event || !IsOfRegions(filter.word)) continue;
      filters_.push_back(&filter);
      AddWord(filter.word);
    }
    for (const PlannedDimension& dimension : plan.dimensions) {
      if (IsOfRegions(dimension.word)) AddWord(dimension.word);
    }
  }

  bool HasPlaces() const { return !words_.empty(); }
  bool HasGroups() const { return !Groups().empty(); }

  // Times up to `last_us` from which on regions or members are others, ascending.
  std::vector<int64_t> Changes(int64_t last_us) const {
    std::vector<int64_t> times;
    for (const Ordinal region : view_.ReplacedRegions()) {
      if (view_.regions()[region].succeeded_us <= last_us)
        times.push_back(view_.regions()[region].succeeded_us);
    }
    for (const int64_t time : MembershipChanges(view_, Groups(), kBeginningOfTime, last_us + 1))
      times.push_back(time);
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    return times;
  }

  // Regions that count as others at some moment up to `last_us`. Once, before anything below.
  void FindMoved(int64_t last_us) {
    for (const Ordinal region : view_.ReplacedRegions()) {
      if (view_.regions()[region].succeeded_us > last_us) continue;
      const std::vector<Ordinal> below = view_.RegionSubtree(region);
      moved_.insert(moved_.end(), below.begin(), below.end());
    }
    std::sort(moved_.begin(), moved_.end());
    moved_.erase(std::unique(moved_.begin(), moved_.end()), moved_.end());
  }

  Signature At(int64_t moment_us) const {
    return SignatureOf(Boundaries(view_, moment_us), moment_us);
  }
  // By the time of events at `time_us`.
  Signature AtEvent(int64_t time_us) const {
    return SignatureOf(Boundaries(view_, std::nullopt), time_us);
  }
  // Whether places of events in the span are the same by their own time.
  bool IsAtEvent(const Signature& signature, int64_t start_us, int64_t end_us) const {
    if (AtEvent(start_us) != signature) return false;
    const std::vector<int64_t> cuts = MembershipChanges(view_, Groups(), start_us, end_us);
    return std::all_of(cuts.begin(), cuts.end(),
                       [&](int64_t cut) { return AtEvent(cut) == signature; });
  }

 private:
  void AddWord(const DimensionWord* word) {
    if (std::find(words_.begin(), words_.end(), word) == words_.end()) words_.push_back(word);
  }

  std::vector<Ordinal> Groups() const {
    std::vector<Ordinal> groups;
    for (const PlannedFilter* filter : filters_)
      groups.insert(groups.end(), filter->groups.begin(), filter->groups.end());
    return groups;
  }

  // Ascending.
  std::vector<Ordinal> RootsOf(const PlannedFilter& filter, const Boundaries& boundaries,
                               int64_t time_us) const {
    std::vector<Ordinal> roots;
    for (const Ordinal root : filter.roots) roots.push_back(boundaries.Of(root));
    for (const Ordinal group : filter.groups) {
      for (const Ordinal member : view_.GroupRegionsAt(group, time_us))
        roots.push_back(boundaries.Of(member));
    }
    std::sort(roots.begin(), roots.end());
    roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
    return roots;
  }

  static bool LiesIn(const std::vector<Ordinal>& roots, const Boundaries& boundaries,
                     Ordinal region) {
    for (; region != kNone; region = boundaries.Above(region)) {
      if (std::binary_search(roots.begin(), roots.end(), region)) return true;
    }
    return false;
  }

  Signature SignatureOf(const Boundaries& boundaries, int64_t time_us) const {
    Signature signature;
    std::vector<std::vector<Ordinal>> roots;
    for (const PlannedFilter* filter : filters_) {
      roots.push_back(RootsOf(*filter, boundaries, time_us));
      signature.push_back(static_cast<uint32_t>(roots.back().size()));
      signature.insert(signature.end(), roots.back().begin(), roots.back().end());
    }
    for (const Ordinal moved : moved_) {
      const Ordinal region = boundaries.Of(moved);
      for (const DimensionWord* word : words_) {
        bool passes = true;
        for (size_t f = 0; f < filters_.size() && passes; ++f) {
          if (filters_[f]->word != word) continue;
          passes = LiesIn(roots[f], boundaries, region) != filters_[f]->exclude;
        }
        signature.push_back(passes ? 1 : 0);
        if (passes) AddGroups(boundaries, *word, region, &signature);
      }
    }
    return signature;
  }

  // What the region is shown as, and rolled up to.
  void AddGroups(const Boundaries& boundaries, const DimensionWord& word, Ordinal region,
                 Signature* signature) const {
    const auto add = [&](int level) {
      if (level == 0) return signature->push_back(region);
      const Ordinal at = boundaries.AtLevel(CodeKind::kRegions, region, level);
      signature->push_back(at);
      if (at == kNone) signature->push_back(region);
    };
    const auto add_whole = [&](const PlannedWhole& whole) {
      if (whole.dimension < 0 || whole.level == 0) return;
      if (plan_.dimensions[static_cast<size_t>(whole.dimension)].word == &word) add(whole.level);
    };
    for (const PlannedDimension& dimension : plan_.dimensions) {
      if (dimension.word == &word) add(dimension.level);
    }
    for (const PlannedShare& share : plan_.shares) add_whole(share.whole);
    for (const PlannedContribution& contribution : plan_.contributions)
      add_whole(contribution.whole);
  }

  const Plan& plan_;
  const CatalogView& view_;
  std::vector<const PlannedFilter*> filters_;
  std::vector<const DimensionWord*> words_;
  std::vector<Ordinal> moved_;
};

}  // namespace

std::vector<std::optional<int64_t>> AlikeMoments(const Plan& plan,
                                                 const std::vector<int64_t>& moments,
                                                 int64_t start_us, int64_t end_us) {
  std::vector<std::optional<int64_t>> alike(moments.size());
  Signatures signatures(plan);
  if (!signatures.HasPlaces() || moments.empty()) return alike;
  const int64_t last_us = *std::max_element(moments.begin(), moments.end());
  const std::vector<int64_t> changes = signatures.Changes(last_us);
  if (changes.empty() && !signatures.HasGroups()) return alike;
  signatures.FindMoved(last_us);
  // By number of changes at or before.
  std::map<size_t, int64_t> known;
  std::map<Signatures::Signature, int64_t> firsts;
  for (size_t i = 0; i < moments.size(); ++i) {
    const auto before = static_cast<size_t>(
        std::upper_bound(changes.begin(), changes.end(), moments[i]) - changes.begin());
    const auto [first, fresh] = known.try_emplace(before);
    if (fresh)
      first->second = firsts.try_emplace(signatures.At(moments[i]), moments[i]).first->second;
    alike[i] = first->second;
  }
  if (firsts.size() == 1 && signatures.IsAtEvent(firsts.begin()->first, start_us, end_us))
    std::fill(alike.begin(), alike.end(), std::nullopt);
  return alike;
}

int64_t LastMomentOf(const Calendar& calendar, const SnapshotInfo& snapshot, int64_t end_us) {
  const int64_t today = calendar.DayOf(snapshot.accepted_time_us);
  return std::min(end_us, calendar.StartOfDay(today + 1)) - 1;
}

std::vector<int64_t> ChangesOfPlaces(const CatalogView& view, int64_t last_us) {
  std::vector<int64_t> times;
  const auto add = [&](int64_t time_us) {
    if (kBeginningOfTime < time_us && time_us <= last_us) times.push_back(time_us);
  };
  for (const catalog_client::Region& region : view.regions().items()) {
    if (region.whole_successor != kNone) add(region.succeeded_us);
    for (const catalog_client::RegionPart& part : region.parts) add(part.since_us);
  }
  for (const catalog_client::RegionGroup& group : view.region_groups().items()) {
    for (const auto& region : group.regions) {
      for (const catalog_client::Interval& time : region.times) {
        add(time.start_us);
        add(time.end_us);
      }
    }
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

}  // namespace tidemark::analytics
