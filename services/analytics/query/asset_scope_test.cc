#include "services/analytics/query/asset_scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/status_matchers.h"
#include "services/analytics/query/plan.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::tidemark::testing::IsOk;
using ::tidemark::testing::ReasonIs;

catalog_client::DataAsset Live(std::vector<std::string> subjects) {
  catalog_client::DataAsset asset;
  asset.id = "a";
  asset.kind = catalog_client::AssetKind::kLiveData;
  asset.subjects = std::move(subjects);
  return asset;
}

TEST(AssetScopeTest, IsMadeOfSourcesCategoriesAndPlaces) {
  ASSERT_OK_AND_ASSIGN(const AssetScope scope,
                       AssetScopeOf(Live({"sources/s", "categories/c", "indicators/i", "regions/r",
                                          "regionGroups/g", "categories/d"})));
  EXPECT_EQ(scope.asset, "dataAssets/a");
  EXPECT_THAT(scope.sources, ElementsAre("s"));
  EXPECT_THAT(scope.categories, ElementsAre("c", "d"));
  EXPECT_THAT(scope.places, ElementsAre("r", "regionGroups/g"));
}

TEST(AssetScopeTest, WhatNamesNoEventsSharesNone) {
  EXPECT_THAT(AssetScopeOf(Live({})), ReasonIs("ASSET_NOT_EVENTS"));
  EXPECT_THAT(AssetScopeOf(Live({"indicators/i", "observationSeries/s"})),
              ReasonIs("ASSET_NOT_EVENTS"));
  catalog_client::DataAsset files = Live({"categories/c"});
  files.kind = catalog_client::AssetKind::kFiles;
  EXPECT_THAT(AssetScopeOf(files), ReasonIs("ASSET_NOT_EVENTS"));
}

TEST(AssetScopeTest, EveryPeriodThatIsReadLiesInside) {
  AssetScope scope{.asset = "dataAssets/a", .covers = {.start_us = 100, .end_us = 200}};
  const auto plan = [](int64_t start, int64_t end, bool panel) {
    Plan made;
    PlannedPeriod period;
    period.start_us = start;
    period.end_us = end;
    if (panel) {
      made.panels.push_back({.periods = {period}});
    } else {
      made.periods.push_back(period);
    }
    return made;
  };
  for (const bool panel : {false, true}) {
    EXPECT_OK(CheckInsideAsset(scope, plan(100, 200, panel)));
    EXPECT_OK(CheckInsideAsset(scope, plan(300, 300, panel))) << "nothing is read of it";
    EXPECT_THAT(CheckInsideAsset(scope, plan(99, 150, panel)), ReasonIs("OUTSIDE_ASSET"));
    EXPECT_THAT(CheckInsideAsset(scope, plan(150, 201, panel)), ReasonIs("OUTSIDE_ASSET"));
  }
  Plan all = plan(100, 200, false);
  all.reads_all_time = true;
  EXPECT_THAT(CheckInsideAsset(scope, all), ReasonIs("OUTSIDE_ASSET"));
}

}  // namespace
}  // namespace tidemark::analytics
