#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "services/analytics/query/plan_fixture_test.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::tidemark::testing::ReasonIs;

// Hangzhou takes the county over in May 2023; the group `pair` wins Ningbo in October 2023.
class PlanGeographyTest : public PlanTest {
 protected:
  PlanGeographyTest() {
    using catalog_client::RegionLevel;
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
    catalog.Region("cn", RegionLevel::kNation);
    catalog.Region("cn-33", RegionLevel::kProvince, "cn");
    catalog.Region("hangzhou", RegionLevel::kCity, "cn-33");
    catalog.Region("ningbo", RegionLevel::kCity, "cn-33");
    auto& successor = *catalog.Region("county", RegionLevel::kCity, "cn-33").add_successors();
    successor.set_region("regions/hangzhou");
    successor.set_basis(catalog::v1::CROSSWALK_BASIS_WHOLE);
    catalog_client::SetDate({2023, 5, 1}, successor.mutable_date());
    catalog.Source("shop");
    auto& group = catalog.Group("pair");
    group.add_members()->set_member("regions/hangzhou");
    auto& joined = *group.add_members();
    joined.set_member("regions/ningbo");
    catalog_client::SetDate({2023, 10, 1}, joined.mutable_valid()->mutable_start());
    view_ = catalog.View();
    query_.grain = Grain::kQuarter;
    query_.first = "2023-Q1";
    query_.last = "2024-Q1";
    query_.comparisons = {Comparison::kYoy};
  }

  // Of the rows: the geography that each is judged by, as its last day.
  std::vector<std::string> Days() {
    std::vector<std::string> days;
    const absl::StatusOr<Plan> plan = Make();
    EXPECT_OK(plan.status());
    for (const PlannedPeriod& period : plan->periods) {
      if (!period.shown || plan->geographies.empty()) continue;
      const int64_t moment = *plan->MomentOf(period.geography);
      days.push_back(calendar_->Name(calendar_->At(Grain::kDay, moment)));
    }
    return days;
  }
  std::vector<std::string> Notes() {
    std::vector<std::string> codes;
    const absl::StatusOr<Plan> plan = Make();
    EXPECT_OK(plan.status());
    for (const PlanNote& note : plan->notes) {
      if (note.code.starts_with("GEOGRAPHY")) codes.push_back(note.code);
    }
    return codes;
  }
};

TEST_F(PlanGeographyTest, RowsBetweenWhichNothingChangesShareAGeography) {
  query_.dimensions = {{"consumer_region", ""}};
  EXPECT_THAT(Days(),
              ElementsAre("2023-03-31", "2023-06-30", "2023-06-30", "2023-06-30", "2023-06-30"));
  EXPECT_THAT(Notes(), ElementsAre("GEOGRAPHY_PERIOD_END"));
  query_.filters = {{.dimension = "consumer_region", .codes = {"regionGroups/pair"}}};
  EXPECT_THAT(Days(),
              ElementsAre("2023-03-31", "2023-06-30", "2023-06-30", "2023-12-31", "2023-12-31"));
}

TEST_F(PlanGeographyTest, WhereNothingThatIsAskedChangesEventsAreOfTheirOwnTime) {
  EXPECT_THAT(Days(), IsEmpty());
  EXPECT_THAT(Notes(), IsEmpty());
  query_.dimensions = {{"consumer_region", "province"}};
  EXPECT_THAT(Days(), IsEmpty());
  EXPECT_THAT(Notes(), IsEmpty());
  query_.filters = {{.dimension = "consumer_region", .codes = {"cn-33"}}};
  EXPECT_THAT(Days(), IsEmpty());
  query_.geography = Geography::kPeriodEnd;
  EXPECT_THAT(Notes(), ElementsAre("GEOGRAPHY_PERIOD_END"));
}

TEST_F(PlanGeographyTest, WhatIsNotComparedIsOfTheTimeOfEventsUnlessAsked) {
  query_.dimensions = {{"consumer_region", ""}};
  query_.comparisons.clear();
  EXPECT_THAT(Days(), IsEmpty());
  query_.geography = Geography::kPeriodEnd;
  EXPECT_EQ(Days().size(), 5u);
  query_.comparisons = {Comparison::kYoy};
  query_.geography = Geography::kAtEvent;
  EXPECT_THAT(Days(), IsEmpty());
  query_.geography = Geography::kFixed;
  query_.has_fixed_on = true;
  query_.fixed_on = calendar_->DayOf(calendar_->Parse("2023-05-01")->start_us);
  EXPECT_EQ(Days(), std::vector<std::string>(5, "2023-05-01"));
  EXPECT_THAT(Notes(), ElementsAre("GEOGRAPHY_FIXED"));
}

TEST_F(PlanGeographyTest, ALaterBaseDecidesAndTheSnapshotIsTheLatest) {
  query_.dimensions = {{"consumer_region", ""}};
  query_.comparisons.clear();
  query_.index_base = "2023-Q3";
  EXPECT_THAT(Days(),
              ElementsAre("2023-09-30", "2023-09-30", "2023-09-30", "2023-09-30", "2023-09-30"));
  // The snapshot is of 15 June 2024.
  query_.first = query_.last = query_.index_base = "2024-Q2";
  EXPECT_THAT(Days(), ElementsAre("2024-06-15"));
}

TEST_F(PlanGeographyTest, BasesOfAnotherGeographyAreReadOnceMore) {
  query_.dimensions = {{"consumer_region", ""}};
  query_.comparisons = {Comparison::kPrev};
  ASSERT_OK_AND_ASSIGN(const Plan plan, Make());
  const auto shown = std::find_if(plan.periods.begin(), plan.periods.end(),
                                  [](const PlannedPeriod& period) { return period.shown; });
  // The second quarter counts the county as Hangzhou, which the first one's row does not.
  const PlannedPeriod& second = shown[1];
  EXPECT_EQ(&plan.periods[static_cast<size_t>(second.prev.period)], &*shown);
  ASSERT_NE(second.prev.panel, kNoPanel);
  const PlannedPanel& again = plan.panels[static_cast<size_t>(second.prev.panel)];
  EXPECT_EQ(again.periods[static_cast<size_t>(second.prev.at)].period, shown->period);
  EXPECT_EQ(again.periods[static_cast<size_t>(second.prev.at)].geography, second.geography);
  EXPECT_EQ(shown[2].prev.panel, kNoPanel);
}

TEST_F(PlanGeographyTest, WrongGeographiesAreNamed) {
  EXPECT_THAT(Error([](Query* q) { q->geography = Geography::kUnknown; }),
              ReasonIs("UNKNOWN_GEOGRAPHY"));
  EXPECT_THAT(Error([](Query* q) { q->geography = Geography::kFixed; }), ReasonIs("MISSING"));
  EXPECT_THAT(Error([](Query* q) {
                q->geography = Geography::kPeriodEnd;
                q->has_fixed_on = true;
                q->fixed_on = 0;
              }),
              ReasonIs("FIXED_ON_UNUSED"));
}

}  // namespace
}  // namespace tidemark::analytics
