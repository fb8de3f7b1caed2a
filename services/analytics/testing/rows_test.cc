// Which rows exist, by a case small enough to be read: fruit sells in February, travel in March,
// nothing in January and April; one shop reports from 2024 on, and it is 2 May.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/testing/world.h"

namespace tidemark::analytics::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kHour = 3'600'000'000;

class RowsTest : public ::testing::Test {
 protected:
  RowsTest() : naive_("Asia/Shanghai"), calendar_(Zone()), history_({}) {
    World world;
    world.zone = "Asia/Shanghai";
    world.log_id = std::string(32, 'a');
    world.observatory_start = {2023, 1, 1};
    world.currency = "CNY";
    world.regions = {{"cn", 3, ""}};
    world.categories = {{"fruit", ""}, {"travel", ""}};
    world.sources = {{"shop", true, {2024, 1, 1}, {}}};
    world.events = {Purchase(1, "2024-02-05", "fruit", 100),
                    Purchase(2, "2024-03-05", "travel", 70)};
    world.accepted_us.assign(3, naive_.Named("2024-05-02").start_us + kHour);
    world.block_ends = {3};
    catalog_client::CatalogBuilder catalog;
    WriteCatalog(world, &catalog);
    EXPECT_OK(catalog.AppendTo(&history_));
    EXPECT_OK(FoldInto(world, 3, &store_));
    query_.measures = {{"net", 0, "net"}};
  }

  static absl::TimeZone Zone() {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &zone));
    return zone;
  }
  WorldEvent Purchase(uint64_t leaf, const char* day, const char* category, int64_t amount) const {
    WorldEvent event;
    event.leaf = leaf;
    event.time_us = naive_.Named(day).start_us + kHour;
    event.amount = amount;
    event.fields = {{"source", "shop"}, {"kind", "purchase"}, {"category", category}};
    return event;
  }

  // Rows as texts; columns from `period` on up to coverage.
  std::vector<std::string> Rows() {
    const absl::StatusOr<Table> table = Asked();
    std::vector<std::string> rows(table->row_count);
    for (const Column& column : table->columns) {
      if (column.kind == ColumnKind::kCoverage) break;
      for (size_t row = 0; row < rows.size(); ++row) {
        absl::StrAppend(&rows[row], rows[row].empty() ? "" : " ", Show(column, row));
      }
    }
    return rows;
  }
  // Empty: some row has events.
  std::string WhyNoEvents() {
    const absl::StatusOr<Table> table = Asked();
    for (const PlanNote& note : table->notes) {
      if (note.code == "NO_EVENTS") return note.message;
    }
    return "";
  }
  absl::StatusOr<Table> Asked() {
    absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>> view = history_.ViewAt(1);
    EXPECT_OK(view);
    absl::StatusOr<SnapshotInfo> snapshot = store_.Snapshot(3);
    EXPECT_OK(snapshot);
    PlanInputs inputs;
    inputs.view = *view;
    inputs.calendar = &calendar_;
    inputs.snapshot = *snapshot;
    inputs.event_times = store_.EventTimes(3);
    absl::StatusOr<Plan> plan = MakePlan(query_, inputs);
    EXPECT_OK(plan);
    absl::StatusOr<Table> table = Answer(*plan, store_);
    EXPECT_OK(table);
    return table;
  }
  static std::string Show(const Column& column, size_t row) {
    static constexpr const char* kReasons[] = {"",
                                               "NO_BASE",
                                               "ZERO_BASE",
                                               "NEGATIVE_BASE",
                                               "PARTIAL_PERIOD",
                                               "NOT_REPORTED",
                                               "ZERO_DENOMINATOR",
                                               "NOT_RANKED",
                                               "NO_DATA",
                                               "NO_MATCHED_SOURCE"};
    if (column.IsNull(row)) return kReasons[static_cast<int>(column.nulls[row])];
    if (column.type == Column::Type::kTexts) return column.members[column.texts[row]].code;
    return column.type == Column::Type::kDoubles ? absl::StrCat(column.doubles[row])
                                                 : absl::StrCat(column.integers[row]);
  }

  const NaiveCalendar naive_;
  const Calendar calendar_;
  catalog_client::CatalogHistory history_;
  MemoryStore store_;
  Query query_;
};

TEST_F(RowsTest, BrokenDownOnlyWhatHasEventsHasRows) {
  query_.dimensions = {{"category"}};
  EXPECT_THAT(Rows(), ElementsAre("fruit 100", "travel 70"));
  query_.grain = Grain::kMonth;
  EXPECT_THAT(Rows(), ElementsAre("2024-02 fruit 100", "2024-03 travel 70"));
}

TEST_F(RowsTest, ComparedWhatStoppedSellingHasARowOfItsFall) {
  query_.grain = Grain::kMonth;
  query_.dimensions = {{"category"}};
  query_.comparisons = {Comparison::kPrev};
  EXPECT_THAT(Rows(), ElementsAre("2024-02 fruit 100 100 ZERO_BASE", "2024-03 fruit 0 -100 -1",
                                  "2024-03 travel 70 70 ZERO_BASE", "2024-04 travel 0 -70 -1"));
  // The differences add up to the total's.
  query_.dimensions = {};
  EXPECT_THAT(Rows(), ElementsAre("2024-01 0 NO_BASE NO_BASE", "2024-02 100 100 ZERO_BASE",
                                  "2024-03 70 -30 -0.3", "2024-04 0 -70 -1",
                                  "2024-05 0 PARTIAL_PERIOD PARTIAL_PERIOD"));
}

TEST_F(RowsTest, ComparedRowsStayWithinTheRangeAndWhatHasPassed) {
  query_.grain = Grain::kMonth;
  query_.dimensions = {{"category"}};
  query_.comparisons = {Comparison::kPrev};
  query_.first = "2024-03";
  query_.last = "2024-03";
  EXPECT_THAT(Rows(), ElementsAre("2024-03 fruit 0 -100 -1", "2024-03 travel 70 70 ZERO_BASE"));
  // A year later lies ahead.
  query_.first = query_.last = "";
  query_.comparisons = {Comparison::kYoy};
  EXPECT_THAT(Rows(), ElementsAre("2024-02 fruit 100 NO_BASE NO_BASE",
                                  "2024-03 travel 70 NO_BASE NO_BASE"));
}

TEST_F(RowsTest, TotalsSayZeroWhereASourceReportsAndWhyThereIsNoQuotient) {
  query_.measures = {{"net", 0, "net"},
                     {"consumers", 0, "consumers"},
                     {"quantile", 5000, "quantile(5000)"},
                     {"average_order", 0, "average_order"},
                     {"refund_rate", 0, "refund_rate"}};
  query_.first = query_.last = "2024-01";
  EXPECT_THAT(Rows(), ElementsAre("2024-01 0 0 ZERO_DENOMINATOR NO_DATA NO_DATA ZERO_DENOMINATOR"));
  query_.last = "2024-01..02";
  query_.filters = {{"category", {"travel"}}};
  EXPECT_THAT(Rows(), ElementsAre("0 0 ZERO_DENOMINATOR NO_DATA NO_DATA ZERO_DENOMINATOR"));
}

TEST_F(RowsTest, WhereNobodyReportsOneNumberIsNullAndPeriodsHaveNoRow) {
  query_.last = "2023-12";
  EXPECT_THAT(Rows(), ElementsAre("NOT_REPORTED"));
  query_.grain = Grain::kMonth;
  EXPECT_THAT(Rows(), IsEmpty());
  // The shop is asked, but 2025 has not come.
  query_.grain = Grain::kAll;
  query_.first = "2025-01";
  query_.last = "2025-02";
  EXPECT_THAT(Rows(), ElementsAre("NOT_REPORTED"));
}

TEST_F(RowsTest, AnAnswerWithoutEventsSaysWhy) {
  EXPECT_EQ(WhyNoEvents(), "");
  query_.dimensions = {{"category"}};
  query_.limit = 1;
  EXPECT_EQ(WhyNoEvents(), "");
  query_.last = "2023-12";
  EXPECT_EQ(
      WhyNoEvents(),
      "No row has an event: the sources report from 2024-01-01 on, and the range has no day of "
      "that.");
  query_.dimensions = {};
  query_.first = query_.last = "2024-01";
  EXPECT_THAT(Rows(), ElementsAre("2024-01 0"));
  EXPECT_EQ(WhyNoEvents(), "No row has an event: nothing has been reported of the range.");
  query_.last = "2024-03";
  EXPECT_EQ(WhyNoEvents(), "");
  query_.last = "2024-02";
  query_.filters = {{"category", {"travel"}}};
  EXPECT_EQ(WhyNoEvents(), "No row has an event: nothing of the range passes the filters.");
  query_.filters = {{"source", {"shop"}, /*unknown=*/false, /*exclude=*/true}};
  EXPECT_EQ(WhyNoEvents(),
            "No row has an event: no LIVE source passes the filters; `tidemark list sources` shows "
            "those there are.");
}

}  // namespace
}  // namespace tidemark::analytics::testing
