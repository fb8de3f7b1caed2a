#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_INEQUALITY_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_INEQUALITY_H_

#include <cstdint>
#include <vector>

#include "services/analytics/query/ratios.h"

namespace tidemark::analytics {

// A group of people, all of whom are taken to have the same.
struct PopulationGroup {
  int64_t value = 0;       // of all of them; not below 0
  int64_t population = 0;  // above 0
  uint32_t part = 0;       // what it belongs to when the index is taken apart
};

// Between groups, with w = a group's share of the population, s = its share of the value and y its
// value per head, μ that of all.
struct Inequality {
  // Σᵢⱼ wᵢwⱼ|yᵢ − yⱼ| ÷ 2μ.
  Number gini;
  // Σ sᵢ ln(yᵢ ÷ μ), with 0 · ln 0 = 0.
  Number theil;
  // Of parts against each other, and inside of them: theil = between + within.
  Number between;
  Number within;
};

// Exact until each figure is rounded, once. Takes O(n log n). ZERO_DENOMINATOR: nobody has
// anything.
Inequality MeasureInequality(std::vector<PopulationGroup> groups);

// (a.value ÷ a.population − b.value ÷ b.population) ÷ 10^scale, rounded once.
double GapPerHead(const PopulationGroup& a, const PopulationGroup& b, int scale);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_DIVIDE_INEQUALITY_H_
