#include "services/analytics/query/table_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/analytics/query/table_builder.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Row {
  Member place;
  int64_t net;
  double growth;
  NullReason null = NullReason::kNone;
};

Table Make(const std::vector<Row>& rows) {
  TableBuilder builder(rows.size());
  std::vector<Member> places;
  for (const Row& row : rows) places.push_back(row.place);
  builder.AddTexts("place", ColumnKind::kDimension, nullptr, places);
  Column& net = builder.AddIntegers("net", ColumnKind::kMeasure, "CNY", 2);
  Column& growth = builder.AddDoubles("growth", ColumnKind::kComparison, "ratio");
  for (size_t i = 0; i < rows.size(); ++i) {
    net.integers[i] = rows[i].net;
    SetNumber(&growth, i, {rows[i].growth, rows[i].null});
  }
  return std::move(builder).Build();
}

const Member kA = {"a"}, kB = {"b"}, kUpper = {"a", MemberKind::kUnallocated},
             kNone = {"", MemberKind::kUnknown};

TEST(TableDiffTest, FindsNewChangedAndRemovedRowsWhateverTheirPlace) {
  const Table before = Make({{kA, 1, 0.5}, {kB, 2, 0}, {kNone, 3, 0}});
  const Table after = Make({{kUpper, 1, 0.5}, {kNone, 3, 0}, {kA, 4, 0.5}});
  const TableDiff diff = DiffTables(before, after);
  EXPECT_THAT(diff.changed, ElementsAre(0, 2));
  EXPECT_THAT(diff.removed, ElementsAre(1));
}

TEST(TableDiffTest, EqualTablesDifferInNothing) {
  const Table table = Make({{kA, 1, 0.1}, {kB, 2, 0, NullReason::kZeroBase}});
  const TableDiff diff = DiffTables(table, table);
  EXPECT_THAT(diff.changed, IsEmpty());
  EXPECT_THAT(diff.removed, IsEmpty());
}

TEST(TableDiffTest, SeesReasonsAndDoubles) {
  const Table before = Make({{kA, 1, 0, NullReason::kZeroBase}, {kB, 2, 0.1}});
  EXPECT_THAT(DiffTables(before, Make({{kA, 1, 0, NullReason::kNoBase}, {kB, 2, 0.1}})).changed,
              ElementsAre(0));
  EXPECT_THAT(DiffTables(before, Make({{kA, 1, 0}, {kB, 2, 0.2}})).changed, ElementsAre(0, 1));
}

TEST(TableDiffTest, TakesRowsWholeOrTheirKeys) {
  const Table table = Make({{kA, 1, 0.5}, {kB, 2, 0}});
  const Table row = TakeRows(table, {1}, false);
  EXPECT_EQ(row.row_count, 1u);
  EXPECT_THAT(row.columns[1].integers, ElementsAre(2));
  const Table keys = TakeRows(table, {0}, true);
  ASSERT_EQ(keys.columns.size(), 1u);
  EXPECT_EQ(keys.columns[0].members[keys.columns[0].texts[0]].code, "a");
  EXPECT_EQ(TakeRows(table, {}, false).columns[1].integers.size(), 0u);
}

}  // namespace
}  // namespace tidemark::analytics
