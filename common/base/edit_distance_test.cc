#include "common/base/edit_distance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace tidemark::base {
namespace {

// The definition, without a band.
size_t PlainDistance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const size_t replaced = PlainDistance(a.substr(1), b.substr(1)) + (a[0] == b[0] ? 0 : 1);
  return std::min({replaced, PlainDistance(a.substr(1), b) + 1, PlainDistance(a, b.substr(1)) + 1});
}

TEST(EditDistanceTest, EqualsTheDefinitionWithinTheLimitAndExceedsItBeyond) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string a(random() % 7, ' '), b(random() % 7, ' ');
    for (char& c : a) c = static_cast<char>('a' + random() % 3);
    for (char& c : b) c = static_cast<char>('a' + random() % 3);
    const size_t want = PlainDistance(a, b);
    EXPECT_EQ(EditDistance(a, b, 20), want) << a << " " << b;
    for (const size_t furthest : {size_t{0}, size_t{1}, size_t{2}, size_t{3}}) {
      const size_t got = EditDistance(a, b, furthest);
      EXPECT_EQ(std::min(got, furthest + 1), std::min(want, furthest + 1));
    }
    EXPECT_EQ(
        EditDistance(std::u32string(a.begin(), a.end()), std::u32string(b.begin(), b.end()), 20),
        want);
  }
}

TEST(EditDistanceTest, LongTextsAreCompared) {
  EXPECT_EQ(EditDistance(std::u32string(300, U'a'), std::u32string(301, U'a'), 5), 1u);
  std::string a(1000, 'x'), b(1000, 'x');
  a[0] = a[500] = a[999] = 'y';
  EXPECT_EQ(EditDistance(a, b, 5), 3u);
}

}  // namespace
}  // namespace tidemark::base
