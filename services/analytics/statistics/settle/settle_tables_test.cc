#include "services/analytics/statistics/settle/settle_tables.h"

#include <limits>

#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::tidemark::testing::ReasonIs;

SettledRows TwoSubjects() {
  SettledRows rows{.currency = "CNY", .decimals = 2};
  rows.subjects = {{"dataAssets/map", 4, 5, 0, 5, 5, 0, 2}, {"products/song", 2, 7, 1, 6, 6, 0, 1}};
  rows.parts = {{"dataAssets/map", "organisations/a", 4, 3},
                {"dataAssets/map", "organisations/b", 4, 2},
                {"products/song", "organisations/a", 2, 6}};
  rows.asked_holders = {"organisations/a", "organisations/b", "organisations/c"};
  return rows;
}

TEST(SettleTablesTest, AmountsHaveTheDecimalsOfTheFinestSubject) {
  Settlement made;
  ASSERT_OK(WriteSettleTables(TwoSubjects(), &made));
  const Column& parts = *FindColumn(made.parts, "amount");
  EXPECT_THAT(parts.integers, ElementsAre(3, 2, 600));
  EXPECT_EQ(parts.decimals, 4u);
  EXPECT_EQ(parts.unit, "CNY");
  EXPECT_THAT(FindColumn(made.holders, "amount")->integers, ElementsAre(603, 2, 0));
  EXPECT_THAT(FindColumn(made.holders, "subjects")->integers, ElementsAre(2, 1, 0));
  EXPECT_THAT(FindColumn(made.subjects, "gross")->integers, ElementsAre(5, 700));
  EXPECT_THAT(FindColumn(made.subjects, "refunds")->integers, ElementsAre(0, 100));
  EXPECT_THAT(FindColumn(made.subjects, "holders")->integers, ElementsAre(2, 1));
}

TEST(SettleTablesTest, WhatDoesNotFitTheFinestDecimalsIsRefused) {
  SettledRows rows = TwoSubjects();
  rows.subjects[1].gross = std::numeric_limits<int64_t>::max() / 100;
  Settlement made;
  ASSERT_OK(WriteSettleTables(rows, &made));
  ++rows.subjects[1].gross;
  EXPECT_THAT(WriteSettleTables(rows, &made), ReasonIs("SUM_OVERFLOW"));
}

}  // namespace
}  // namespace tidemark::analytics
