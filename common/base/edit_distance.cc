#include "common/base/edit_distance.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tidemark::base {
namespace {

template <typename Text>
void DropCommonEnds(Text& a, Text& b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
}

template <typename Text>
size_t Distance(Text a, Text b, size_t furthest) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > furthest) return furthest + 1;
  DropCommonEnds(a, b);
  // Only cells within `furthest` of the diagonal can stay within it; those outside are `beyond`.
  const size_t beyond = furthest + 1;
  std::array<size_t, 129> small;
  std::vector<size_t> large(a.size() < small.size() ? 0 : a.size() + 1);
  size_t* const row = large.empty() ? small.data() : large.data();
  for (size_t i = 0; i <= a.size(); ++i) row[i] = std::min(i, beyond);
  for (size_t j = 1; j <= b.size(); ++j) {
    const size_t first = j > furthest ? j - furthest : 1;
    const size_t last = std::min(a.size(), j + furthest);
    size_t diagonal = row[first - 1];
    row[first - 1] = first == 1 ? std::min(j, beyond) : beyond;
    size_t least = row[first - 1];
    for (size_t i = first; i <= last; ++i) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      // The cell above the band's end was never filled in.
      const size_t removed = i == j + furthest ? beyond : row[i] + 1;
      diagonal = row[i];
      row[i] = std::min({replaced, removed, row[i - 1] + 1, beyond});
      least = std::min(least, row[i]);
    }
    if (least > furthest) return beyond;
  }
  return row[a.size()];
}

}  // namespace

size_t EditDistance(std::string_view a, std::string_view b, size_t furthest) {
  return Distance(a, b, furthest);
}

size_t EditDistance(std::u32string_view a, std::u32string_view b, size_t furthest) {
  return Distance(a, b, furthest);
}

}  // namespace tidemark::base
