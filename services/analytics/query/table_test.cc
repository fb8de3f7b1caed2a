#include "services/analytics/query/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;

Table Sample() {
  Table table;
  table.row_count = 5;
  Column id{.name = "id"};
  id.integers = {0, 1, 2, 3, 4};
  Column number{.name = "number"};
  number.integers = {7, 0, 9, 7, 0};
  number.SetNull(1, NullReason::kNoBase);
  number.SetNull(4, NullReason::kNoBase);
  Column place{.name = "place", .type = Column::Type::kTexts};
  place.members = {{"a"}, {"b"}, {"above", MemberKind::kUnallocated}, {"", MemberKind::kUnknown}};
  place.texts = {3, 0, 1, 2, 1};
  table.columns = {id, number, place};
  return table;
}

std::vector<int64_t> Order(const std::vector<Query::OrderBy>& order_by, uint64_t limit = 0) {
  Table table = Sample();
  EXPECT_TRUE(OrderAndLimit(order_by, limit, nullptr, &table).ok());
  EXPECT_EQ(table.row_count, table.columns[0].integers.size());
  return table.columns[0].integers;
}

TEST(OrderAndLimitTest, NullsComeLastInEitherDirectionAndTiesKeepTheirOrder) {
  EXPECT_THAT(Order({{"number", false}}), ElementsAre(0, 3, 2, 1, 4));
  EXPECT_THAT(Order({{"number", true}}), ElementsAre(2, 0, 3, 1, 4));
}

TEST(OrderAndLimitTest, UnallocatedAndUnknownComeLastInEitherDirection) {
  EXPECT_THAT(Order({{"place", false}}), ElementsAre(1, 2, 4, 3, 0));
  EXPECT_THAT(Order({{"place", true}}), ElementsAre(2, 4, 1, 3, 0));
}

TEST(OrderAndLimitTest, LimitCutsAfterOrdering) {
  EXPECT_THAT(Order({{"number", true}}, 2), ElementsAre(2, 0));
  EXPECT_THAT(Order({}, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(Order({}, 99), ElementsAre(0, 1, 2, 3, 4));
}

TEST(OrderAndLimitTest, LaterKeysDecideTiesOfEarlierOnes) {
  EXPECT_THAT(Order({{"number", false}, {"id", true}}), ElementsAre(3, 0, 2, 4, 1));
}

}  // namespace
}  // namespace tidemark::analytics
