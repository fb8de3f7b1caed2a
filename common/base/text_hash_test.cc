#include "common/base/text_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tidemark::base {
namespace {

// What collides for one object does not for another, and nobody outside knows the seeds.
TEST(TextHashTest, DiffersFromObjectToObject) {
  const TextHash a, b;
  std::string text;
  std::set<uint64_t> seen;
  for (int length = 0; length < 70; ++length) {
    EXPECT_EQ(a(text), a(std::string(text)));
    EXPECT_NE(a(text), b(text));
    EXPECT_EQ(a(text), TextHash(a.seeds())(text));
    EXPECT_TRUE(seen.insert(a(text)).second) << length;
    for (size_t i = 0; i < text.size(); ++i) {
      std::string changed = text;
      changed[i] ^= 1;
      EXPECT_TRUE(seen.insert(a(changed)).second) << length << " " << i;
    }
    text.push_back('\0');
  }
}

TEST(TextHashTest, SpreadsTextsThatAreAlike) {
  const TextHash hash;
  constexpr size_t kBuckets = 4096;
  for (const char* pattern : {"product-", "a rather long prefix that all of them share "}) {
    std::vector<int> load(kBuckets);
    for (size_t i = 0; i < kBuckets; ++i) ++load[hash(absl::StrCat(pattern, i)) % kBuckets];
    // Of as many balls as bins: more than 16 in one is less likely than 10^-9.
    EXPECT_LE(*std::max_element(load.begin(), load.end()), 16) << pattern;
    EXPECT_GT(std::count(load.begin(), load.end(), 0), 1000) << "not random: " << pattern;
  }
}

}  // namespace
}  // namespace tidemark::base
