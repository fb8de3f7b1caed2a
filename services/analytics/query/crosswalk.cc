#include "services/analytics/query/crosswalk.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "services/analytics/query/boundaries.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CrosswalkBasis;
using catalog_client::RegionPart;

std::vector<CrosswalkBasis> BasesOf(FigureKind kind) {
  switch (kind) {
    case FigureKind::kPersons:
      return {CrosswalkBasis::kPopulation};
    case FigureKind::kMoney:
      return {CrosswalkBasis::kGdp, CrosswalkBasis::kPopulation};
    case FigureKind::kArea:
      return {CrosswalkBasis::kArea};
    default:
      return {CrosswalkBasis::kPopulation, CrosswalkBasis::kHouseholds};
  }
}

}  // namespace

bool FigureParts::IsWeighed() const {
  return std::any_of(parts.begin(), parts.end(),
                     [](const FigurePart& part) { return part.share < base::Rational(1); });
}

Crosswalk::Crosswalk(const catalog_client::CatalogView& view) : view_(view) {
  for (const Ordinal region : view.ReplacedRegions()) {
    const catalog_client::Region& replaced = view.regions()[region];
    changes_.push_back(replaced.succeeded_us);
    givers_[replaced.whole_successor].push_back(region);
  }
  for (const Ordinal region : view.DividedRegions()) {
    for (const RegionPart& part : view.regions()[region].parts) {
      changes_.push_back(part.since_us);
      givers_[part.region].push_back(region);
    }
  }
  std::sort(changes_.begin(), changes_.end());
}

// As events do, which follow successors to the end of the chain.
Crosswalk::Ordinal Crosswalk::CountsAs(Ordinal region, int64_t time_us) const {
  return Boundaries(view_, time_us).Of(region);
}

bool Crosswalk::IsNew(Ordinal region, int64_t stated_us) const {
  return view_.regions()[region].valid.start_us > stated_us;
}

void Crosswalk::AddParts(Ordinal region, FigureKind kind, int64_t stated_us, int64_t moment_us,
                         Moves* moves) const {
  std::map<int64_t, std::vector<const RegionPart*>> by_day;
  for (const RegionPart& part : view_.regions()[region].parts) {
    if (stated_us < part.since_us && part.since_us <= moment_us)
      by_day[part.since_us].push_back(&part);
  }
  for (const auto& [day, parts] : by_day) {
    // Parts may have weights of several kinds; those of one kind say all.
    std::optional<CrosswalkBasis> basis;
    for (const CrosswalkBasis one : BasesOf(kind)) {
      const bool stated = std::any_of(parts.begin(), parts.end(),
                                      [&](const RegionPart* part) { return part->basis == one; });
      if (stated && !basis) basis = one;
    }
    std::set<Ordinal> weighed;
    for (const RegionPart* part : parts) {
      if (basis && part->basis == *basis) weighed.insert(part->region);
    }
    for (const RegionPart* part : parts) {
      const Ordinal to = CountsAs(part->region, day);
      if (basis && part->basis == *basis) {
        (*moves)[day].push_back({region, to, base::Rational::FromDecimal(part->weight)});
      } else if (!weighed.contains(part->region)) {
        (*moves)[day].push_back({region, to, base::Rational(), /*weightless=*/true});
      }
    }
  }
}

Crosswalk::Moves Crosswalk::MovesIn(FigureKind kind, int64_t stated_us, int64_t moment_us) const {
  Moves moves;
  for (const Ordinal region : view_.ReplacedRegions()) {
    const int64_t since_us = view_.regions()[region].succeeded_us;
    if (stated_us < since_us && since_us <= moment_us)
      moves[since_us].push_back({region, CountsAs(region, since_us), base::Rational(1)});
  }
  for (const Ordinal region : view_.DividedRegions())
    AddParts(region, kind, stated_us, moment_us, &moves);
  return moves;
}

Crosswalk::Holdings Crosswalk::Follow(FigureKind kind, int64_t stated_us, int64_t moment_us) const {
  Holdings holdings;
  const auto held = [&](const Holdings& by_region, Ordinal region) {
    const auto found = by_region.find(region);
    if (found != by_region.end()) return found->second;
    Holding own;
    if (!IsNew(region, stated_us)) own.shares[region] = base::Rational(1);
    return own;
  };
  for (const auto& [day, moves] : MovesIn(kind, stated_us, moment_us)) {
    const Holdings before = holdings;
    for (const Move& move : moves) {
      const Holding moved = held(before, move.from);
      Holding from = held(holdings, move.from), to = held(holdings, move.to);
      to.weightless = to.weightless || moved.weightless || move.weightless;
      from.weightless = from.weightless || move.weightless;
      for (const auto& [region, share] : moved.shares) {
        const base::Rational part = share * move.share;
        from.shares[region] -= part;
        to.shares[region] += part;
      }
      holdings[move.from] = std::move(from);
      holdings[move.to] = std::move(to);
    }
  }
  return holdings;
}

FigureParts Crosswalk::MakeParts(Ordinal region, FigureKind kind, int64_t stated_us,
                                 int64_t moment_us) {
  FigureParts made{.region = CountsAs(region, moment_us)};
  const FigurePart own{made.region, base::Rational(1)};
  made.is_new = IsNew(made.region, stated_us);
  const auto [followed, fresh] = followed_.try_emplace({kind, stated_us, moment_us});
  if (fresh) followed->second = Follow(kind, stated_us, moment_us);
  const auto found = followed->second.find(made.region);
  if (found != followed->second.end()) {
    if (found->second.weightless) made.of = FigureParts::Of::kWeightless;
    for (const auto& [from, share] : found->second.shares) {
      if (share.Sign() > 0) made.parts.push_back({from, share});
    }
  }
  // Nothing came to it, or all was divided off.
  if (made.parts.empty()) made.parts = {own};
  const bool whole = made.parts.size() == 1 && made.parts[0].share == base::Rational(1);
  if (kind == FigureKind::kNotAdded && (!whole || made.of == FigureParts::Of::kWeightless))
    made.of = FigureParts::Of::kNotAdded;
  return made;
}

const FigureParts& Crosswalk::OwnOf(Ordinal region) {
  const auto [known, fresh] = own_.try_emplace(region);
  if (fresh) known->second = {.region = region, .parts = {{region, base::Rational(1)}}};
  return known->second;
}

const FigureParts& Crosswalk::PartsOf(Ordinal region, FigureKind kind, int64_t stated_us,
                                      int64_t moment_us) {
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), moment_us);
  if (after == changes_.begin() || *(after - 1) <= stated_us)
    return OwnOf(CountsAs(region, moment_us));
  const int64_t last_us = *(after - 1);
  const auto [known, fresh] = parts_.try_emplace({region, kind, stated_us, last_us});
  if (fresh) known->second = MakeParts(region, kind, stated_us, last_us);
  return known->second;
}

std::vector<Crosswalk::Ordinal> Crosswalk::SourcesOf(Ordinal region, int64_t moment_us) const {
  std::vector<Ordinal> sources = {CountsAs(region, moment_us)};
  std::set<Ordinal> known(sources.begin(), sources.end());
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto givers = givers_.find(sources[i]);
    if (givers == givers_.end()) continue;
    for (const Ordinal giver : givers->second) {
      if (known.insert(giver).second) sources.push_back(giver);
    }
  }
  return sources;
}

}  // namespace tidemark::analytics
