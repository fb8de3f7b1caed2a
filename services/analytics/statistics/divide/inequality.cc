#include "services/analytics/statistics/divide/inequality.h"

#include <algorithm>
#include <map>

#include "common/base/rational.h"

namespace tidemark::analytics {
namespace {

using base::Rational;

struct Sums {
  Rational value;
  Rational population;
};

// By value per head: Σᵢⱼ |xᵢnⱼ − xⱼnᵢ| = 2 Σ over j of (xⱼ · population before it − nⱼ · value
// before it).
Number Gini(std::vector<PopulationGroup> groups, const Sums& all) {
  std::sort(groups.begin(), groups.end(), [](const PopulationGroup& a, const PopulationGroup& b) {
    return static_cast<__int128>(a.value) * b.population <
           static_cast<__int128>(b.value) * a.population;
  });
  Sums before;
  Rational differences;
  for (const PopulationGroup& group : groups) {
    const Rational value(group.value), population(group.population);
    differences += value * before.population - population * before.value;
    before.value += value;
    before.population += population;
  }
  return {(differences / (all.population * all.value)).ToDouble()};
}

// (a's value per head) ÷ (b's).
Rational PerHeadRatio(const Sums& a, const Sums& b) {
  return (a.value * b.population) / (a.population * b.value);
}

}  // namespace

Inequality MeasureInequality(std::vector<PopulationGroup> groups) {
  Sums all;
  std::map<uint32_t, Sums> parts;
  for (const PopulationGroup& group : groups) {
    for (Sums* sums : {&all, &parts[group.part]}) {
      sums->value += Rational(group.value);
      sums->population += Rational(group.population);
    }
  }
  if (all.value.Sign() == 0) {
    const Number none{0, NullReason::kZeroDenominator};
    return {none, none, none, none};
  }
  base::RationalLogs theil, between, within;
  for (const PopulationGroup& group : groups) {
    if (group.value == 0) continue;
    const Sums own{Rational(group.value), Rational(group.population)};
    const Rational share = own.value / all.value;
    theil.Add(share, PerHeadRatio(own, all));
    within.Add(share, PerHeadRatio(own, parts[group.part]));
  }
  for (const auto& [part, sums] : parts) {
    if (sums.value.Sign() != 0) between.Add(sums.value / all.value, PerHeadRatio(sums, all));
  }
  return {
      Gini(std::move(groups), all), {theil.ToDouble()}, {between.ToDouble()}, {within.ToDouble()}};
}

double GapPerHead(const PopulationGroup& a, const PopulationGroup& b, int scale) {
  Rational unit(1);
  for (int i = 0; i < scale; ++i) unit *= Rational(10);
  const Rational gap =
      Rational(a.value) / Rational(a.population) - Rational(b.value) / Rational(b.population);
  return (gap / unit).ToDouble();
}

}  // namespace tidemark::analytics
