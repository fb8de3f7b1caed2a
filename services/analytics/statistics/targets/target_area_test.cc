#include "services/analytics/statistics/targets/target_area.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogBuilder;
using catalog_client::RegionLevel;

// On 1 July 2020: a gives b a part, c is merged into d, e is replaced by f, g and h make up i, and
// j gives k a part that has no weight.
class TargetAreaTest : public ::testing::Test {
 protected:
  TargetAreaTest() {
    CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2012, 1, 1});
    catalog.Region("cn", RegionLevel::kNation);
    for (const char* id : {"a", "b", "c", "d", "e", "g", "h", "j", "k", "l"})
      catalog.Region(id, RegionLevel::kCity, "cn");
    for (const char* id : {"f", "i"}) {
      auto& region = catalog.Region(id, RegionLevel::kCity, "cn");
      catalog_client::SetDate({2020, 7, 1}, region.mutable_valid()->mutable_start());
    }
    Give(&catalog, "a", "b", catalog::v1::CROSSWALK_BASIS_POPULATION, "0.25");
    Give(&catalog, "j", "k", catalog::v1::CROSSWALK_BASIS_AREA, "0.5");
    for (const auto& [from, to] : {std::pair("c", "d"), {"e", "f"}, {"g", "i"}, {"h", "i"}})
      Give(&catalog, from, to, catalog::v1::CROSSWALK_BASIS_WHOLE, nullptr);
    Group(&catalog, "both", {"a", "b", "l"});
    Group(&catalog, "half", {"a", "l"});
    Group(&catalog, "merged", {"c", "d"});
    Group(&catalog, "recoded", {"e", "l"});
    Group(&catalog, "later", {"l"});
    auto& joined = *catalog.Group("later").add_members();
    joined.set_member("regions/k");
    catalog_client::SetDate({2021, 1, 1}, joined.mutable_valid()->mutable_start());
    view_ = catalog.View();
  }

  static void Give(CatalogBuilder* catalog, const char* from, const char* to,
                   catalog::v1::CrosswalkBasis basis, const char* weight) {
    auto& successor = *catalog->Region(from, RegionLevel::kCity, "cn").add_successors();
    successor.set_region(absl::StrCat("regions/", to));
    successor.set_basis(basis);
    catalog_client::SetDate({2020, 7, 1}, successor.mutable_date());
    if (weight != nullptr) successor.mutable_weight()->set_value(weight);
  }
  static void Group(CatalogBuilder* catalog, const char* id,
                    std::initializer_list<const char*> of) {
    for (const char* region : of)
      catalog->Group(id).add_members()->set_member(absl::StrCat("regions/", region));
  }

  // From the end of one year to that of another.
  bool Changes(std::string_view place, int from = 2019, int to = 2020) const {
    const auto end = [](int year) {
      absl::TimeZone zone;
      absl::LoadTimeZone("Asia/Shanghai", &zone);
      return absl::ToUnixMicros(absl::FromCivil(absl::CivilYear(year + 1), zone)) - 1;
    };
    Crosswalk crosswalk(*view_);
    return AreaChanges(&crosswalk, place, end(from), end(to));
  }

  std::shared_ptr<const catalog_client::CatalogView> view_;
};

TEST_F(TargetAreaTest, ARegionChangesWhenSomethingComesOrGoes) {
  for (const char* region : {"a", "b", "c", "d", "g", "j", "k"})
    EXPECT_TRUE(Changes(absl::StrCat("regions/", region))) << region;
  EXPECT_FALSE(Changes("regions/l"));
  // What came or went before or later does not count, nor does the way back.
  EXPECT_FALSE(Changes("regions/a", 2020, 2021));
  EXPECT_FALSE(Changes("regions/a", 2018, 2019));
  EXPECT_FALSE(Changes("regions/a", 2020, 2019));
}

TEST_F(TargetAreaTest, AnotherCodeIsTheSameArea) {
  EXPECT_FALSE(Changes("regions/e"));
  EXPECT_FALSE(Changes("regions/f"));
}

// Numbers of it for 2019 were made for what it is.
TEST_F(TargetAreaTest, ARegionThatWasNotThereYetHasNotChanged) {
  EXPECT_FALSE(Changes("regions/i"));
}

TEST_F(TargetAreaTest, AGroupChangesWithWhatItHoldsAltogether) {
  EXPECT_FALSE(Changes("regionGroups/both"));
  EXPECT_TRUE(Changes("regionGroups/half"));
  EXPECT_FALSE(Changes("regionGroups/merged"));
  EXPECT_FALSE(Changes("regionGroups/recoded"));
  EXPECT_FALSE(Changes("regionGroups/later"));
  EXPECT_TRUE(Changes("regionGroups/later", 2020, 2021));
}

TEST_F(TargetAreaTest, WhatTheCatalogLacksDoesNotChange) {
  for (const char* place : {"regions/none", "regionGroups/none", "targets/a", "none"})
    EXPECT_FALSE(Changes(place)) << place;
}

}  // namespace
}  // namespace tidemark::analytics
