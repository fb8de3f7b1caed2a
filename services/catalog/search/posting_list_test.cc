#include "services/catalog/search/posting_list.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace tidemark::catalog {
namespace {

std::set<uint32_t> All(const PostingList& list) {
  std::set<uint32_t> all;
  list.ForEach([&](uint32_t posting) { EXPECT_TRUE(all.insert(posting).second) << posting; });
  return all;
}

TEST(PostingListTest, HoldsWhatWasAddedAndNotRemovedAsItGrowsAndShrinks) {
  std::mt19937 random(5);
  PostingList list;
  std::set<uint32_t> want;
  for (int step = 0; step < 4000; ++step) {
    // Grows to some hundreds, then shrinks to nothing.
    const uint32_t posting = random() % 600;
    const bool add = random() % 10 < (step < 2000 ? 7U : 2U);
    if (add && want.insert(posting).second) list.Add(posting);
    if (!add) {
      EXPECT_EQ(list.Remove(posting), want.erase(posting) == 1);
    }
    ASSERT_EQ(list.size(), want.size());
    if (!want.empty()) {
      EXPECT_TRUE(want.contains(list.front()));
    }
    if (step % 50 == 0) {
      ASSERT_EQ(All(list), want);
    }
  }
  EXPECT_EQ(All(list), want);
}

}  // namespace
}  // namespace tidemark::catalog
