#include "services/analytics/statistics/divide/group_populations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/catalog/period_text.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/statistics/denominators/official_fixture_test.h"
#include "services/analytics/store/memory_store.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;
using ::testing::IsEmpty;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;
using Codes = std::vector<std::string>;
using Sizes = std::map<Codes, int64_t>;

class GroupPopulationsTest : public ::testing::Test {
 protected:
  GroupPopulationsTest() {
    using catalog_client::RegionLevel;
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("UTC", {2020, 1, 1});
    catalog.Region("cn", RegionLevel::kNation);
    catalog.Region("east", RegionLevel::kProvince, "cn");
    catalog.Region("west", RegionLevel::kProvince, "cn");
    catalog.Region("east-1", RegionLevel::kCity, "east");
    catalog.Group("pair").add_members()->set_member("regions/east");
    context_.view = catalog.View();
    context_.calendar = std::make_shared<const Calendar>(absl::UTCTimeZone());
    context_.store = &store_;
    context_.catalog = &figures_;
    context_.snapshot.catalog_version = 3;
    for (const char* age : {"18-59", "60+"}) {
      for (const char* area : {"URBAN", "RURAL"}) {
        const std::string id = std::string(age[0] == '6' ? "old-" : "adult-") + area;
        figures_.Population(id, 0, 0, {{"age_band", age}, {"area_type", area}});
      }
    }
    figures_.Population("urban", 0, 0, {{"area_type", "URBAN"}});
    figures_.Population("rural", 0, 0, {{"area_type", "RURAL"}});
    figures_.Population("all");
  }

  absl::StatusOr<std::shared_ptr<const GroupPopulations>> Read() {
    return ReadPopulations(context_, query_, {.role = pb::DENOMINATOR_ROLE_POPULATION});
  }
  GroupSizes At(std::string_view period) {
    auto read = Read();
    EXPECT_OK(read.status());
    if (!read.ok()) return {};
    return (*read)->At(*StatedDays(*catalog_client::ParsePeriod(period)));
  }
  Sizes Numbers(std::string_view period) {
    Sizes sizes;
    for (const auto& [codes, size] : At(period).sizes) sizes[codes] = size.persons;
    return sizes;
  }

  MemoryStore store_;
  FakeOfficialFigures figures_;
  StatisticContext context_;
  Query query_;
};

TEST_F(GroupPopulationsTest, SlicesAreTheDimensionsInAnyOrder) {
  query_.dimensions = {{"area_type", ""}, {"age_band", ""}};
  figures_.State("adult-URBAN", "regions/cn", "2023", "577");
  figures_.State("old-RURAL", "regions/cn", "2022", "121");
  figures_.State("old-URBAN", "regions/east", "2023", "9");
  figures_.State("urban", "regions/cn", "2023", "8");
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"urban", "18-59"}, 577}, {{"rural", "60+"}, 121}}));
  const GroupSizes at = At("2023");
  EXPECT_FALSE(at.sizes.at({"urban", "18-59"}).carried);
  EXPECT_TRUE(at.sizes.at({"rural", "60+"}).carried);
  EXPECT_EQ(at.figures.size(), 2u);
  EXPECT_THAT(At("2021").sizes, IsEmpty());
  const auto read = Read();
  EXPECT_TRUE((*read)->Has({"rural", "18-59"}));
  EXPECT_FALSE((*read)->Has({"18-59", "rural"}));
}

TEST_F(GroupPopulationsTest, RegionsAreThoseOfTheLevel) {
  query_.dimensions = {{"consumer_region", "province"}, {"area_type", ""}};
  figures_.State("urban", "regions/east", "2023", "1");
  figures_.State("urban", "regions/west", "2023", "2");
  figures_.State("urban", "regions/cn", "2023", "3");
  figures_.State("urban", "regions/east-1", "2023", "4");
  figures_.State("rural", "regions/west", "2023", "5");
  figures_.State("rural", "regionGroups/pair", "2023", "6");
  EXPECT_EQ(Numbers("2023"),
            (Sizes{{{"east", "urban"}, 1}, {{"west", "urban"}, 2}, {{"west", "rural"}, 5}}));
  query_.dimensions[0].level = "";
  EXPECT_THAT(Read().status(), ReasonIs("LEVEL_MISSING"));
}

TEST_F(GroupPopulationsTest, WhatFiltersLeaveOutHasNoPopulation) {
  query_.dimensions = {{"consumer_region", "province"}, {"area_type", ""}};
  for (const char* region : {"regions/east", "regions/west"}) {
    figures_.State("urban", region, "2023", "1");
    figures_.State("rural", region, "2023", "2");
  }
  query_.filters = {{"area_type", {"urban"}, false, true}};
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"east", "rural"}, 2}, {{"west", "rural"}, 2}}));
  query_.filters = {{"area_type", {"urban"}}, {"consumer_region", {"west"}}};
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"west", "urban"}, 1}}));
  query_.filters = {{"consumer_region", {"regionGroups/pair"}, false, true}};
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"west", "urban"}, 1}, {{"west", "rural"}, 2}}));
  // What a caller may not see has none either.
  query_.filters.clear();
  context_.region_scope = "regions/east";
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"east", "urban"}, 1}, {{"east", "rural"}, 2}}));
}

TEST_F(GroupPopulationsTest, WithoutRegionsThePlaceIsTheFiltersElseTheCallersElseTheRoot) {
  query_.dimensions = {{"area_type", ""}};
  figures_.State("urban", "regions/cn", "2023", "1");
  figures_.State("urban", "regions/west", "2023", "2");
  figures_.State("urban", "regions/east", "2023", "3");
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"urban"}, 1}}));
  query_.filters = {{"consumer_region", {"west"}}};
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"urban"}, 2}}));
  query_.filters = {{"consumer_region", {"regionGroups/pair"}}};
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"urban"}, 3}}));
  query_.filters = {{"consumer_region", {"west", "east"}}};
  EXPECT_THAT(Read().status(), ReasonIs("PLACE_AMBIGUOUS"));
  query_.filters.clear();
  context_.region_scope = "regions/west";
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"urban"}, 2}}));
  query_.filters = {{"consumer_region", {"east"}}};
  EXPECT_THAT(Numbers("2023"), IsEmpty());
}

TEST_F(GroupPopulationsTest, PersonsAreWhole) {
  query_.dimensions = {{"area_type", ""}};
  figures_.State("urban", "regions/cn", "2023", "7").set_divisor(2);
  figures_.State("rural", "regions/cn", "2023", "10").set_divisor(3);
  EXPECT_EQ(Numbers("2023"), (Sizes{{{"urban"}, 4}, {{"rural"}, 3}}));
  figures_.State("urban", "regions/cn", "2024", "0.4");
  EXPECT_EQ(Numbers("2024"), (Sizes{{{"rural"}, 3}}));
  figures_.State("urban", "regions/cn", "2025", "1").set_qualifier(pb::QUALIFIER_ABOUT);
  EXPECT_TRUE(At("2025").sizes.at({"urban"}).qualified);
}

TEST_F(GroupPopulationsTest, WithoutACatalogThereIsNone) {
  query_.dimensions = {{"area_type", ""}};
  figures_.GoAway();
  EXPECT_THAT(Read().status(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace tidemark::analytics
