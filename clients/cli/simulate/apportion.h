#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_APPORTION_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_APPORTION_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace tidemark::simulate {

// Whole parts of `total`, each at least 1 and beyond that in proportion to its weight, that add up
// to `total` exactly: rounded down, and what is left goes, one each, to those that lost most, of
// equals to the first (largest remainder). Weights are positive and add up to less than 2^63.
// Nothing when there are more parts than units, or no part.
std::optional<std::vector<int64_t>> Apportion(const std::vector<int64_t>& weights, int64_t total);

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_APPORTION_H_
