#include "services/analytics/statistics/settle/split.h"

#include <algorithm>

namespace tidemark::analytics {

std::vector<int64_t> SplitByLargestRemainder(int64_t amount, std::span<const uint64_t> weights) {
  using Wide = unsigned __int128;
  // Of the smallest integer there is, too.
  const uint64_t size =
      amount < 0 ? uint64_t{0} - static_cast<uint64_t>(amount) : static_cast<uint64_t>(amount);
  uint64_t whole = 0;
  for (const uint64_t weight : weights) whole += weight;
  struct Remainder {
    uint64_t value = 0;
    size_t place = 0;
  };
  std::vector<uint64_t> parts;
  std::vector<Remainder> remainders;
  parts.reserve(weights.size());
  remainders.reserve(weights.size());
  uint64_t left = size;
  for (const uint64_t weight : weights) {
    const Wide product = Wide{size} * weight;
    remainders.push_back({static_cast<uint64_t>(product % whole), parts.size()});
    parts.push_back(static_cast<uint64_t>(product / whole));
    left -= parts.back();
  }
  // Fewer units are left than there are parts.
  std::nth_element(remainders.begin(), remainders.begin() + static_cast<ptrdiff_t>(left),
                   remainders.end(), [](const Remainder& a, const Remainder& b) {
                     return a.value != b.value ? a.value > b.value : a.place < b.place;
                   });
  for (size_t i = 0; i < left; ++i) ++parts[remainders[i].place];
  std::vector<int64_t> signed_parts;
  signed_parts.reserve(parts.size());
  for (const uint64_t part : parts)
    signed_parts.push_back(static_cast<int64_t>(amount < 0 ? uint64_t{0} - part : part));
  return signed_parts;
}

}  // namespace tidemark::analytics
