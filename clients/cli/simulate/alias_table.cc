#include "clients/cli/simulate/alias_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tidemark::simulate {

AliasTable::AliasTable(const std::vector<double>& weights) : entries_(weights.size()) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  const auto count = static_cast<double>(weights.size());
  std::vector<double> share(weights.size());
  std::vector<uint32_t> small, large;
  for (uint32_t i = 0; i < weights.size(); ++i) {
    share[i] = weights[i] / sum * count;
    (share[i] < 1 ? small : large).push_back(i);
  }
  const auto set = [this](uint32_t place, double probability, uint32_t other) {
    entries_[place] = {static_cast<uint32_t>(std::min(probability * 0x1.0p32, 0x1.0p32 - 1)),
                       other};
  };
  while (!small.empty() && !large.empty()) {
    const uint32_t low = small.back();
    const uint32_t high = large.back();
    small.pop_back();
    set(low, share[low], high);
    share[high] -= 1 - share[low];
    if (share[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
  for (const uint32_t place : small) set(place, 1, place);
  for (const uint32_t place : large) set(place, 1, place);
}

std::vector<double> ZipfWeights(size_t count, double exponent) {
  std::vector<double> weights(count);
  for (size_t i = 0; i < count; ++i)
    weights[i] = 1 / std::pow(static_cast<double>(i + 1), exponent);
  return weights;
}

}  // namespace tidemark::simulate
