#include "services/analytics/statistics/mapping_cuts.h"

#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;

TEST(MappingCutsTest, SlicesAreCutAndKeepTheirTables) {
  EngineQuery query;
  query.slices = {{0, 10, 0, 0}, {10, 20, 1, 1}, {30, 40, 2, 1}};
  query.period_count = 3;
  const auto first = std::make_shared<GroupTable>(), second = std::make_shared<GroupTable>();
  query.filters = {{Field::kSource, {first, second}}};
  ASSERT_OK_AND_ASSIGN(const std::vector<size_t> pieces, CutMappings({5, 10, 25}, &query));
  EXPECT_THAT(pieces, ElementsAre(0, 1, 2, 3));
  ASSERT_EQ(query.slices.size(), 4u);
  const auto is = [&](size_t i, int64_t start, int64_t end, uint32_t period, uint32_t mapping) {
    const TimeSlice& slice = query.slices[i];
    return slice.start_us == start && slice.end_us == end && slice.period == period &&
           slice.mapping == mapping;
  };
  EXPECT_TRUE(is(0, 0, 5, 0, 0));
  EXPECT_TRUE(is(1, 5, 10, 0, 1));
  EXPECT_TRUE(is(2, 10, 20, 1, 2));
  EXPECT_TRUE(is(3, 30, 40, 2, 3));
  EXPECT_THAT(query.filters[0].tables, ElementsAre(first, first, second, second));
}

TEST(MappingCutsTest, TooManyAreRefused) {
  EngineQuery query;
  query.slices = {{0, 5000, 0, 0}};
  query.period_count = 1;
  std::vector<int64_t> cuts;
  for (int64_t i = 1; i < 2000; ++i) cuts.push_back(2 * i);
  EXPECT_THAT(CutMappings(cuts, &query), testing::StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace tidemark::analytics
