#include "services/analytics/query/crosswalk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "services/analytics/query/calendar.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogBuilder;
using catalog_client::RegionLevel;
using Day = CatalogBuilder::Day;

// Chaohu was divided between Hefei, Wuhu and Ma'anshan on 22 August 2011. The weights are made up.
class CrosswalkTest : public ::testing::Test {
 protected:
  CrosswalkTest() : calendar_(absl::UTCTimeZone()) {
    catalog_.Observatory("UTC", {2000, 1, 1});
    for (const char* id : {"hefei", "wuhu", "maanshan"}) catalog_.Region(id, RegionLevel::kCity);
    auto& chaohu = catalog_.Region("chaohu", RegionLevel::kCity);
    catalog_client::SetDate({2011, 8, 22}, chaohu.mutable_valid()->mutable_end());
    for (const auto& [id, people, product] :
         {std::tuple("hefei", "0.45", "0.5"), std::tuple("wuhu", "0.35", "0.3"),
          std::tuple("maanshan", "0.2", "0.2")}) {
      Give(&chaohu, id, {2011, 8, 22}, catalog::v1::CROSSWALK_BASIS_POPULATION, people);
      Give(&chaohu, id, {2011, 8, 22}, catalog::v1::CROSSWALK_BASIS_GDP, product);
    }
  }

  static void Give(catalog::v1::Region* from, const std::string& to, Day day,
                   catalog::v1::CrosswalkBasis basis, const std::string& weight = "") {
    auto& successor = *from->add_successors();
    successor.set_region("regions/" + to);
    catalog_client::SetDate(day, successor.mutable_date());
    successor.set_basis(basis);
    if (!weight.empty()) successor.mutable_weight()->set_value(weight);
  }

  // The last moment of a year.
  int64_t End(int year) const { return calendar_.Parse(absl::StrCat(year))->end_us - 1; }

  // `hefei 1, chaohu 9/20` as text of doubles; what has no parts by its reason.
  std::string Of(const std::string& id, FigureKind kind, int stated, int moment) {
    if (view_ == nullptr) view_ = catalog_.View();
    Crosswalk crosswalk(*view_);
    const FigureParts& parts =
        crosswalk.PartsOf(view_->regions().Find(id)->ordinal, kind, End(stated), End(moment));
    if (parts.of == FigureParts::Of::kWeightless) return "weightless";
    if (parts.of == FigureParts::Of::kNotAdded) return "not added";
    std::vector<std::string> shown;
    for (const FigurePart& part : parts.parts) {
      shown.push_back(absl::StrCat(view_->regions()[part.region].id, " ", part.share.ToDouble()));
    }
    std::sort(shown.begin(), shown.end());
    return absl::StrCat(absl::StrJoin(shown, ", "), parts.is_new ? " new" : "",
                        parts.IsWeighed() ? " weighed" : "", parts.IsOwn() ? " own" : "");
  }

  CatalogBuilder catalog_;
  const Calendar calendar_;
  std::shared_ptr<const catalog_client::CatalogView> view_;
};

TEST_F(CrosswalkTest, ADividedRegionCountsByTheWeightsOfTheKind) {
  EXPECT_EQ(Of("hefei", FigureKind::kPersons, 2010, 2011), "chaohu 0.45, hefei 1 weighed");
  EXPECT_EQ(Of("wuhu", FigureKind::kPersons, 2010, 2020), "chaohu 0.35, wuhu 1 weighed");
  EXPECT_EQ(Of("hefei", FigureKind::kMoney, 2010, 2012), "chaohu 0.5, hefei 1 weighed");
  EXPECT_EQ(Of("hefei", FigureKind::kOther, 2010, 2012), "chaohu 0.45, hefei 1 weighed");
  EXPECT_EQ(Of("hefei", FigureKind::kArea, 2010, 2012), "weightless");
  EXPECT_EQ(Of("hefei", FigureKind::kNotAdded, 2010, 2012), "not added");
}

TEST_F(CrosswalkTest, BoundariesThatDidNotChangeInBetweenAreTheSame) {
  for (const FigureKind kind : {FigureKind::kPersons, FigureKind::kArea, FigureKind::kNotAdded}) {
    EXPECT_EQ(Of("hefei", kind, 2011, 2020), "hefei 1 own");
    EXPECT_EQ(Of("hefei", kind, 2008, 2010), "hefei 1 own");
    EXPECT_EQ(Of("hefei", kind, 2020, 2010), "hefei 1 own");
  }
  // All of it went elsewhere: its own figure, of the time before, is all there is.
  EXPECT_EQ(Of("chaohu", FigureKind::kPersons, 2010, 2012), "chaohu 1 own");
}

TEST_F(CrosswalkTest, MergersCountWholeAndChainsAreFollowed) {
  auto& wuhu = catalog_.Region("wuhu", RegionLevel::kCity);
  Give(&wuhu, "maanshan", {2014, 1, 1}, catalog::v1::CROSSWALK_BASIS_WHOLE);
  auto& maanshan = catalog_.Region("maanshan", RegionLevel::kCity);
  Give(&maanshan, "hefei", {2016, 7, 1}, catalog::v1::CROSSWALK_BASIS_POPULATION, "0.1");
  EXPECT_EQ(Of("maanshan", FigureKind::kPersons, 2013, 2015), "maanshan 1, wuhu 1");
  EXPECT_EQ(Of("wuhu", FigureKind::kPersons, 2013, 2015), "maanshan 1, wuhu 1");
  EXPECT_EQ(Of("maanshan", FigureKind::kNotAdded, 2013, 2015), "not added");
  // 0.2 + 0.35 of Chaohu by 2014; a tenth of all that leaves in 2016.
  EXPECT_EQ(Of("maanshan", FigureKind::kPersons, 2010, 2015),
            "chaohu 0.55, maanshan 1, wuhu 1 weighed");
  EXPECT_EQ(Of("maanshan", FigureKind::kPersons, 2010, 2016),
            "chaohu 0.495, maanshan 0.9, wuhu 0.9 weighed");
  EXPECT_EQ(Of("hefei", FigureKind::kPersons, 2010, 2016),
            "chaohu 0.505, hefei 1, maanshan 0.1, wuhu 0.1 weighed");
  EXPECT_EQ(Of("hefei", FigureKind::kPersons, 2015, 2016), "hefei 1, maanshan 0.1 weighed");
}

TEST_F(CrosswalkTest, WhatWasNotThereYetConsistsOfOthers) {
  auto& recoded = catalog_.Region("wuhu-2", RegionLevel::kCity);
  catalog_client::SetDate({2013, 1, 1}, recoded.mutable_valid()->mutable_start());
  auto& wuhu = catalog_.Region("wuhu", RegionLevel::kCity);
  Give(&wuhu, "wuhu-2", {2013, 1, 1}, catalog::v1::CROSSWALK_BASIS_WHOLE);
  EXPECT_EQ(Of("wuhu-2", FigureKind::kPersons, 2012, 2013), "wuhu 1 new");
  EXPECT_EQ(Of("wuhu-2", FigureKind::kNotAdded, 2012, 2013), "wuhu 1 new");
  EXPECT_EQ(Of("wuhu", FigureKind::kPersons, 2012, 2013), "wuhu 1 new");
  EXPECT_EQ(Of("wuhu", FigureKind::kPersons, 2013, 2014), "wuhu-2 1 own");
  EXPECT_EQ(Of("wuhu-2", FigureKind::kPersons, 2010, 2013), "chaohu 0.35, wuhu 1 new weighed");
}

TEST_F(CrosswalkTest, APartWithoutWeightLeavesBothSidesUnknown) {
  auto& hefei = catalog_.Region("hefei", RegionLevel::kCity);
  Give(&hefei, "wuhu", {2015, 1, 1}, catalog::v1::CROSSWALK_BASIS_AREA, "0.25");
  EXPECT_EQ(Of("hefei", FigureKind::kArea, 2014, 2015), "hefei 0.75 weighed");
  EXPECT_EQ(Of("wuhu", FigureKind::kArea, 2014, 2015), "hefei 0.25, wuhu 1 weighed");
  EXPECT_EQ(Of("hefei", FigureKind::kPersons, 2014, 2015), "weightless");
  EXPECT_EQ(Of("wuhu", FigureKind::kMoney, 2014, 2015), "weightless");
  EXPECT_EQ(Of("maanshan", FigureKind::kMoney, 2014, 2015), "maanshan 1 own");
  EXPECT_EQ(Of("wuhu", FigureKind::kMoney, 2015, 2016), "wuhu 1 own");
}

TEST_F(CrosswalkTest, WithoutSuccessorsThereIsNothingToFollow) {
  CatalogBuilder plain;
  plain.Observatory("UTC", {2000, 1, 1});
  plain.Region("cn", RegionLevel::kNation);
  const auto view = plain.View();
  Crosswalk crosswalk(*view);
  EXPECT_TRUE(crosswalk.empty());
  EXPECT_TRUE(crosswalk.PartsOf(0, FigureKind::kNotAdded, End(2010), End(2020)).IsOwn());
  EXPECT_FALSE(crosswalk.IsReplaced(0, End(2020)));
}

}  // namespace
}  // namespace tidemark::analytics
