#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SPLIT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SPLIT_H_

#include <cstdint>
#include <span>
#include <vector>

namespace tidemark::analytics {

// Splits an amount by weights into whole parts that add up to it: of its absolute value everyone
// gets the exact part rounded down, what is left goes in units to the largest remainders (Hamilton;
// 最大余额法), of equal ones to the earlier, and the sign comes back last, so that a loss is split
// as the gain of the same size. Not empty; weights 1 or more, that add up to at most 2^62.
std::vector<int64_t> SplitByLargestRemainder(int64_t amount, std::span<const uint64_t> weights);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_SPLIT_H_
