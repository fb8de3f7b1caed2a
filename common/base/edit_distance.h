#ifndef TIDEMARK_COMMON_BASE_EDIT_DISTANCE_H_
#define TIDEMARK_COMMON_BASE_EDIT_DISTANCE_H_

#include <cstddef>
#include <string_view>

namespace tidemark::base {

// Levenshtein distance: fewest characters to insert, remove or replace to turn `a` into `b`, or
// some number above `furthest` when it is more than that. Takes O(length · furthest). For messages
// that name what may have been meant. The first counts bytes, the second code points.
size_t EditDistance(std::string_view a, std::string_view b, size_t furthest);
size_t EditDistance(std::u32string_view a, std::u32string_view b, size_t furthest);

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_EDIT_DISTANCE_H_
