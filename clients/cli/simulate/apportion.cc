#include "clients/cli/simulate/apportion.h"

#include <algorithm>
#include <numeric>

#include "absl/numeric/int128.h"

namespace tidemark::simulate {

std::optional<std::vector<int64_t>> Apportion(const std::vector<int64_t>& weights, int64_t total) {
  const auto count = static_cast<int64_t>(weights.size());
  if (count == 0 || total < count) return std::nullopt;
  const int64_t sum = std::accumulate(weights.begin(), weights.end(), int64_t{0});
  int64_t left = total - count;
  const absl::int128 shared = left;
  std::vector<int64_t> parts(weights.size());
  std::vector<int64_t> lost(weights.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    const absl::int128 product = shared * weights[i];
    const auto part = static_cast<int64_t>(product / sum);
    lost[i] = static_cast<int64_t>(product % sum);
    parts[i] = 1 + part;
    left -= part;
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&lost](size_t a, size_t b) { return lost[a] > lost[b]; });
  for (size_t i = 0; i < static_cast<size_t>(left); ++i) ++parts[order[i]];
  return parts;
}

}  // namespace tidemark::simulate
