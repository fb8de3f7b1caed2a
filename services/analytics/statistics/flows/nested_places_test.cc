#include "services/analytics/statistics/flows/nested_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/catalog/testing/catalog_builder.h"

namespace tidemark::analytics {
namespace {

using catalog_client::RegionLevel;
using ::testing::HasSubstr;

class NestedPlacesTest : public ::testing::Test {
 protected:
  NestedPlacesTest() {
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
    catalog.Region("cn", RegionLevel::kNation);
    catalog.Region("cn-33", RegionLevel::kProvince, "cn");
    catalog.Region("cn-3302", RegionLevel::kCity, "cn-33");
    catalog.Region("cn-330203", RegionLevel::kCounty, "cn-3302");
    catalog.Region("cn-32", RegionLevel::kProvince, "cn");
    catalog.Region("cn-3201", RegionLevel::kCity, "cn-32");
    view_ = catalog.View();
  }

  std::shared_ptr<const catalog_client::CatalogView> view_;
};

TEST_F(NestedPlacesTest, PlacesBesideEachOtherAreNotNested) {
  EXPECT_FALSE(NestedPlaces(*view_, {}));
  EXPECT_FALSE(NestedPlaces(*view_, {{"cn-32"}, {"cn-33"}}));
  EXPECT_FALSE(NestedPlaces(*view_, {{"cn-32"}, {"cn-3302"}, {"cn-3302"}, {"cn-99"}}));
}

TEST_F(NestedPlacesTest, ThePairIsTheFirstByCodeWithTheNearestAroundIt) {
  const auto note =
      NestedPlaces(*view_, {{"cn"}, {"cn-33"}, {"cn-3302"}, {"cn-330203"}, {"cn-3201"}});
  ASSERT_TRUE(note);
  EXPECT_EQ(note->code, "NESTED_PLACES");
  EXPECT_THAT(note->message, HasSubstr("`cn-3201` in `cn`"));
  // Not only by parents.
  EXPECT_THAT(NestedPlaces(*view_, {{"cn-33"}, {"cn-330203"}, {"cn-3201"}})->message,
              HasSubstr("`cn-330203` in `cn-33`"));
  EXPECT_THAT(NestedPlaces(*view_, {{"cn-330203"}, {"cn-3302"}, {"cn-33"}})->message,
              HasSubstr("`cn-3302` in `cn-33`"));
}

TEST_F(NestedPlacesTest, WhatIsNoPlaceLiesInNone) {
  EXPECT_FALSE(NestedPlaces(*view_, {{"cn-33"}, {"cn-3302", MemberKind::kUnallocated}}));
  EXPECT_FALSE(NestedPlaces(
      *view_, {{"", MemberKind::kUnknown}, {"cn-33", MemberKind::kUnallocated}, {"cn-3302"}}));
}

}  // namespace
}  // namespace tidemark::analytics
