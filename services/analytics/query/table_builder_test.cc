#include "services/analytics/query/table_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;

TEST(TableBuilderTest, SortsMembersAndKeepsRows) {
  TableBuilder builder(4);
  builder.AddTexts("place", ColumnKind::kDimension, FindDimension("consumer_region"),
                   {{"b"}, {"", MemberKind::kUnknown}, {"a"}, {"z", MemberKind::kUnallocated}});
  Column& ratio = builder.AddDoubles("ratio", ColumnKind::kStatistic, "ratio");
  SetNumber(&ratio, 1, {0.5});
  SetNumber(&ratio, 2, {0, NullReason::kZeroBase});
  Column& money = builder.AddIntegers("money", ColumnKind::kStatistic, "CNY", 2);
  money.integers[3] = 7;
  const Table table = std::move(builder).Build();
  ASSERT_EQ(table.row_count, 4u);
  const Column& place = table.columns[0];
  EXPECT_THAT(place.texts, ElementsAre(1, 3, 0, 2));
  EXPECT_EQ(place.members[2].code, "z");
  EXPECT_EQ(place.members[3].kind, MemberKind::kUnknown);
  EXPECT_THAT(table.columns[1].doubles, ElementsAre(0, 0.5, 0, 0));
  EXPECT_FALSE(table.columns[1].IsNull(1));
  EXPECT_EQ(table.columns[1].nulls[2], NullReason::kZeroBase);
  EXPECT_THAT(table.columns[2].integers, ElementsAre(0, 0, 0, 7));
}

}  // namespace
}  // namespace tidemark::analytics
