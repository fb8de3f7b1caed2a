// What an answer depends on of the time at which it is asked.
#include "services/analytics/api/data_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/store/memory_store.h"

namespace tidemark::analytics {
namespace {

class DataKeyTest : public ::testing::Test {
 protected:
  DataKeyTest() {
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
    catalog.Source("shop");
    catalog.Source("closer").set_closes_days(true);
    view_ = catalog.View();
    calendar_ = std::make_unique<Calendar>(view_->observatory()->time_zone);
    query_.measures = {{"net", 0, "net"}};
    query_.dimensions = {{"source", ""}};
    query_.first = query_.last = "2024-06";
  }

  // A purchase in June and one in July, each a block.
  void Fold(int64_t accepted_us) {
    for (const char* day : {"2024-06-05", "2024-07-05"}) {
      const EffectKind kind = EffectKind::kPurchase;
      const int64_t time_us = calendar_->Parse(day)->start_us;
      EffectBatch block;
      block.log_id = std::string(32, 'a');
      block.first_leaf = store_->folded_size();
      block.record_count = block.size = 1;
      block.accepted_time_us = accepted_us++;
      block.kind = {&kind, 1};
      block.event_time_us = {&time_us, 1};
      ASSERT_OK(store_->Append(block));
    }
  }
  // Of the same data, `minutes` after the start of a period.
  std::string At(const char* period, int64_t minutes, int64_t us = 0) {
    const auto start = [this](const char* name) { return calendar_->Parse(name)->start_us; };
    const int64_t now_us = start(period) + minutes * 60'000'000 + us;
    const auto plan = MakePlan(query_, {.view = view_,
                                        .calendar = calendar_.get(),
                                        .snapshot = {.log_size = 10, .accepted_time_us = now_us},
                                        .event_times = {start("2024-06"), start("2024-06-20")}});
    EXPECT_OK(plan);
    return DataKey(*plan, *store_, "net by source", "", 1, "");
  }

  std::shared_ptr<const catalog_client::CatalogView> view_;
  std::unique_ptr<Calendar> calendar_;
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>();
  Query query_;
};

TEST_F(DataKeyTest, SourcesAreTheSameAllDay) {
  const std::string morning = At("2024-06-15", 1);
  EXPECT_EQ(At("2024-06-15", 600), morning);
  EXPECT_EQ(At("2024-06-15", 600, 1), morning);
  EXPECT_NE(At("2024-06-14", 600), morning);
  EXPECT_NE(At("2024-06-16", 1), morning);
}

TEST_F(DataKeyTest, AnHourThatIsOverChangesTheAnswer) {
  query_.grain = Grain::kHour;
  query_.first = query_.last = "2024-06-15";
  const std::string key = At("2024-06-15", 601);
  EXPECT_EQ(At("2024-06-15", 659), key);
  EXPECT_NE(At("2024-06-15", 660), key);
}

TEST_F(DataKeyTest, ALogThatLostItsEndAndGrewAgainHasOtherKeys) {
  const std::string empty = At("2024-08-15", 1);
  Fold(100);
  const std::string first = At("2024-08-15", 1);
  EXPECT_NE(first, empty);
  store_ = std::make_unique<MemoryStore>();
  Fold(100);
  EXPECT_EQ(At("2024-08-15", 1), first);
  store_ = std::make_unique<MemoryStore>();
  Fold(105);
  EXPECT_NE(At("2024-08-15", 1), first);
}

TEST_F(DataKeyTest, WhatIsOverStays) { EXPECT_EQ(At("2024-08-15", 1), At("2024-07-01", 1)); }

}  // namespace
}  // namespace tidemark::analytics
