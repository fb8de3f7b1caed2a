#include "clients/cpp/catalog/group_expansion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::catalog_client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RegionGroup Group(Ordinal ordinal, std::vector<RegionGroupMember> members) {
  RegionGroup group;
  group.ordinal = ordinal;
  group.members = std::move(members);
  return group;
}

TEST(UnionOfTest, MergesWhatOverlapsOrTouches) {
  EXPECT_THAT(UnionOf({{5, 7}, {1, 3}, {3, 4}, {6, 9}, {20, 20}}),
              ElementsAre(Interval{1, 4}, Interval{5, 9}));
  EXPECT_THAT(UnionOf({{9, 2}}), IsEmpty());
}

TEST(ExpandGroupsTest, AMemberListedTwiceCountsOnce) {
  std::vector<RegionGroup> groups = {
      Group(0, {{7, false, {0, 10}}, {7, false, {20, 30}}, {7, false, {5, 12}}})};
  ExpandGroups(&groups);
  ASSERT_EQ(groups[0].regions.size(), 1u);
  EXPECT_THAT(groups[0].regions[0].times, ElementsAre(Interval{0, 12}, Interval{20, 30}));
}

TEST(ExpandGroupsTest, NestedTimesIntersect) {
  std::vector<RegionGroup> groups = {Group(0, {{1, true, {5, 25}}}),
                                     Group(1, {{7, false, {0, 10}}, {8, false, {30, 40}}})};
  ExpandGroups(&groups);
  ASSERT_EQ(groups[0].regions.size(), 1u);
  EXPECT_EQ(groups[0].regions[0].region, 7u);
  EXPECT_THAT(groups[0].regions[0].times, ElementsAre(Interval{5, 10}));
}

// Thirty levels of two groups, each naming both below: 2^30 paths.
TEST(ExpandGroupsTest, SharedNestingIsNotExponential) {
  std::vector<RegionGroup> groups;
  for (Ordinal level = 0; level < 30; ++level) {
    const Ordinal below = 2 * level + 2;
    for (Ordinal k = 0; k < 2; ++k) {
      groups.push_back(Group(2 * level + k, {{below, true, {}}, {below + 1, true, {}}}));
    }
  }
  groups.push_back(Group(60, {{1, false, {}}}));
  groups.push_back(Group(61, {{2, false, {}}}));
  ExpandGroups(&groups);
  EXPECT_EQ(groups[0].regions.size(), 2u);
}

TEST(ExpandGroupsTest, DeepNestingNeedsNoStack) {
  constexpr Ordinal kGroups = 300'000;
  std::vector<RegionGroup> groups;
  for (Ordinal i = 0; i + 1 < kGroups; ++i) groups.push_back(Group(i, {{i + 1, true, {}}}));
  groups.push_back(Group(kGroups - 1, {{7, false, {0, 10}}}));
  ExpandGroups(&groups);
  ASSERT_EQ(groups[0].regions.size(), 1u);
  EXPECT_THAT(groups[0].regions[0].times, ElementsAre(Interval{0, 10}));
}

TEST(ExpandGroupsTest, ACycleEnds) {
  std::vector<RegionGroup> groups = {Group(0, {{1, true, {}}, {3, false, {}}}),
                                     Group(1, {{0, true, {}}})};
  ExpandGroups(&groups);
  EXPECT_EQ(groups[0].regions.size(), 1u);
}

}  // namespace
}  // namespace tidemark::catalog_client
