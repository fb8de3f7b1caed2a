#include "services/analytics/statistics/targets/target_scope.h"

#include <gtest/gtest.h>

#include "clients/cpp/catalog/testing/catalog_builder.h"

namespace tidemark::analytics {
namespace {

using catalog_client::RegionLevel;

class TargetScopeTest : public ::testing::Test {
 protected:
  TargetScopeTest() {
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2012, 1, 1});
    catalog.Region("cn", RegionLevel::kNation);
    for (const char* province : {"cn-33", "cn-63"})
      catalog.Region(province, RegionLevel::kProvince, "cn");
    catalog.Region("cn-3301", RegionLevel::kCity, "cn-33");
    catalog.Region("cn-6301", RegionLevel::kCity, "cn-63");
    catalog.Group("cities").add_members()->set_member("regions/cn-3301");
    auto& later = catalog.Group("later");
    later.add_members()->set_member("regions/cn-3301");
    auto& joined = *later.add_members();
    joined.set_member("regions/cn-6301");
    catalog_client::SetDate({2020, 1, 1}, joined.mutable_valid()->mutable_start());
    catalog.Group("nobody");
    view_ = catalog.View();
  }

  bool Lies(std::string_view place, std::string_view scope, int year = 2019) const {
    const auto time = absl::FromCivil(absl::CivilYear(year), absl::UTCTimeZone());
    return LiesIn(*view_, place, scope, absl::ToUnixMicros(time));
  }

  std::shared_ptr<const catalog_client::CatalogView> view_;
};

TEST_F(TargetScopeTest, ARegionHasWhatIsBelowIt) {
  EXPECT_TRUE(Lies("regions/cn-3301", "regions/cn-33"));
  EXPECT_TRUE(Lies("regions/cn-33", "regions/cn-33"));
  EXPECT_FALSE(Lies("regions/cn", "regions/cn-33"));
  EXPECT_FALSE(Lies("regions/cn-6301", "regions/cn-33"));
}

TEST_F(TargetScopeTest, OfAGroupEveryRegionThatEverWasAMember) {
  EXPECT_TRUE(Lies("regionGroups/cities", "regions/cn-33"));
  EXPECT_FALSE(Lies("regionGroups/later", "regions/cn-33"));
  EXPECT_TRUE(Lies("regionGroups/later", "regions/cn"));
  EXPECT_FALSE(Lies("regionGroups/nobody", "regions/cn"));
  EXPECT_TRUE(Lies("regionGroups/nobody", "regionGroups/nobody"));
}

TEST_F(TargetScopeTest, AGroupHasItsMembersOfThen) {
  EXPECT_TRUE(Lies("regions/cn-3301", "regionGroups/later"));
  EXPECT_FALSE(Lies("regions/cn-6301", "regionGroups/later", 2019));
  EXPECT_TRUE(Lies("regions/cn-6301", "regionGroups/later", 2021));
  EXPECT_FALSE(Lies("regions/cn-33", "regionGroups/later"));
  EXPECT_TRUE(Lies("regionGroups/cities", "regionGroups/later"));
}

TEST_F(TargetScopeTest, WhatIsNotThereLiesNowhere) {
  EXPECT_FALSE(Lies("regions/none", "regions/none"));
  EXPECT_FALSE(Lies("regions/cn-33", "regions/none"));
  EXPECT_FALSE(Lies("categories/games", "regions/cn"));
  EXPECT_TRUE(HasPlace(*view_, "regions/cn"));
  EXPECT_TRUE(HasPlace(*view_, "regionGroups/later"));
  EXPECT_FALSE(HasPlace(*view_, "regions/none"));
  EXPECT_FALSE(HasPlace(*view_, "cn"));
}

}  // namespace
}  // namespace tidemark::analytics
