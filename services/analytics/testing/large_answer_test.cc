// Large answers made of a made-up engine's cells: first rows, and answers that are stopped.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "services/analytics/api/result_page.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/testing/made_up_store.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::analytics::testing {
namespace {

class LargeAnswerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    using catalog_client::RegionLevel;
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
    catalog.Source("shop");
    catalog.Region("cn", RegionLevel::kNation);
    std::map<Field, std::vector<std::string>> codes;
    for (int p = 0; p < 10; ++p) {
      const std::string province = absl::StrCat("cn-", 10 + p);
      catalog.Region(province, RegionLevel::kProvince, "cn");
      // Some are recorded at the level of their province, some are in no catalog.
      codes[Field::kConsumerRegion].push_back(province);
      codes[Field::kConsumerRegion].push_back(absl::StrCat("xx-", p));
      for (int c = 0; c < 5; ++c) {
        codes[Field::kConsumerRegion].push_back(absl::StrCat(province, "-", 10 + c));
        catalog.Region(codes[Field::kConsumerRegion].back(), RegionLevel::kCity, province);
      }
    }
    for (int p = 0; p < 200; ++p)
      codes[Field::kProduct].push_back(absl::StrCat("product-", (p * 37) % 1'000));
    codes[Field::kChannel] = {"online", "offline"};
    view_ = catalog.View();
    calendar_.emplace(view_->observatory()->time_zone);
    store_ = std::make_unique<MadeUpStore>(30, codes);
    store_->SetTimes(calendar_->Parse("2022-01-01")->start_us,
                     calendar_->Parse("2024-12-31")->start_us);
  }

  static Query Question() {
    return {.measures = {{"gross", 0, "gross"},
                         {"net", 0, "net"},
                         {"refund_rate", 0, "refund_rate"},
                         {"quantile", 5'000, "quantile(5000)"}},
            .dimensions = {{"product", ""}, {"consumer_region", "city"}, {"channel", ""}},
            .first = "2024-02",
            .last = "2024-03",
            .grain = Grain::kMonth};
  }

  Plan MakePlanOf(const Query& query) const {
    absl::StatusOr<Plan> plan = MakePlan(query, {.view = view_,
                                                 .calendar = &*calendar_,
                                                 .snapshot = *store_->Snapshot(1'000),
                                                 .event_times = store_->EventTimes(1'000)});
    EXPECT_TRUE(plan.ok()) << plan.status();
    return *std::move(plan);
  }

  Table AnswerTo(const Query& query) const {
    absl::StatusOr<Table> table = Answer(MakePlanOf(query), *store_);
    EXPECT_TRUE(table.ok()) << table.status();
    return *std::move(table);
  }

  // The first `rows`, as they are sent.
  std::string PageOf(const Table& table, uint64_t rows) const {
    v1::Result page;
    EXPECT_EQ(WritePage(table, *view_, 0, rows, "", &page), rows);
    return page.SerializeAsString();
  }

  std::shared_ptr<const catalog_client::CatalogView> view_;
  std::optional<Calendar> calendar_;
  std::unique_ptr<MadeUpStore> store_;
};

TEST_F(LargeAnswerTest, FirstRowsAreThoseOfTheWholeAnswer) {
  std::vector<std::vector<Query::OrderBy>> orders = {{}};
  for (const char* column : {"period", "product", "consumer_region", "gross", "net", "refund_rate",
                             "quantile(5000)", "coverage_complete", "status", "flags"}) {
    for (const bool descending : {false, true}) {
      orders.push_back({{column, descending}});
      orders.push_back({{column, descending}, {"channel", true}, {"gross", !descending}});
    }
  }
  for (const std::vector<Query::OrderBy>& order : orders) {
    Query query = Question();
    query.order_by = order;
    const Table whole = AnswerTo(query);
    for (const uint64_t limit : {1, 20, 700}) {
      ASSERT_GT(whole.row_count, limit);
      query.limit = limit;
      const Table first = AnswerTo(query);
      EXPECT_EQ(first.row_count, limit);
      EXPECT_EQ(PageOf(first, limit), PageOf(whole, limit))
          << limit << " by " << (order.empty() ? "nothing" : order.front().column);
    }
  }
}

TEST_F(LargeAnswerTest, FirstRowsHaveTheirSharesRanksAndGrowthInTheWhole) {
  Query query = Question();
  query.shares = {{"gross", "consumer_region", "", "share"}};
  query.ranks = {{"net", false, "rank"}};
  query.comparisons = {Comparison::kPrev};
  query.contributions = {{"gross", "", "", Comparison::kPrev, "points", "rate"}};
  for (const char* column : {"gross", "share", "rank", "prev(gross)", "points", "flags"}) {
    query.limit = 0;
    query.order_by = {{column, true}};
    const Table whole = AnswerTo(query);
    query.limit = 50;
    EXPECT_EQ(PageOf(AnswerTo(query), 50), PageOf(whole, 50)) << column;
  }
}

TEST_F(LargeAnswerTest, NothingIsDoneAfterALookThatSaysStop) {
  std::vector<Query> queries(5, Question());
  queries[0].comparisons = {Comparison::kPrev, Comparison::kYoy};
  queries[0].contributions = {{"gross", "", "", Comparison::kPrev, "points", "rate"}};
  queries[1].shares = {{"gross", "consumer_region", "", "share"}};
  queries[1].location_quotients = {{"gross", "consumer_region", "quotient"}};
  queries[1].ranks = {{"net", false, "rank"}};
  queries[2].order_by = {{"refund_rate", true}, {"gross", false}};
  queries[3].order_by = {{"net", true}};
  queries[3].limit = 20;
  queries[4].comparisons = {Comparison::kYtd, Comparison::kYtdYoy};
  std::mt19937 random(1);
  for (const Query& query : queries) {
    const Plan plan = MakePlanOf(query);
    uint64_t looks = 0, last = UINT64_MAX;
    const auto stop = [&] {
      return ++looks < last ? absl::OkStatus() : absl::CancelledError("the caller is gone");
    };
    ASSERT_TRUE(Answer(plan, *store_, stop).ok());
    const uint64_t all = looks;
    ASSERT_GT(all, 50);
    for (int i = 0; i < 60; ++i) {
      looks = 0;
      last = 1 + random() % all;
      EXPECT_TRUE(absl::IsCancelled(Answer(plan, *store_, stop).status()));
      EXPECT_EQ(looks, last);
    }
  }
}

}  // namespace
}  // namespace tidemark::analytics::testing
