#include "services/analytics/query/per_head.h"
#include "services/analytics/query/plan_fixture_test.h"

namespace tidemark::analytics {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class PlanPerHeadTest : public PlanTest {
 protected:
  PlanPerHeadTest() {
    query_.filters = {{"consumer_region", {"cn-33"}}};
    query_.per_capita = {{"net", PopulationKind::kRegistered, PopulationTime::kYearEnd,
                          "per_capita(net,registered,year_end)"}};
    query_.ratios_to_gdp = {{"net", "ratio_to_gdp(net)"}};
    query_.first = query_.last = "2024-Q1";
  }
  OfficialPlace Region(const char* id) const { return {view_->regions().Find(id)->ordinal}; }
  OfficialPlace Group(const char* id) const {
    return {view_->region_groups().Find(id)->ordinal, /*is_group=*/true};
  }
};

TEST_F(PlanPerHeadTest, ThePlaceIsTheDimensionElseWhatOneFilterKeeps) {
  auto plan = Make();
  ASSERT_OK(plan.status());
  EXPECT_TRUE(plan->NeedsDenominators());
  EXPECT_EQ(plan->place.filter, 0);
  EXPECT_EQ(plan->own_filters, 1u);
  EXPECT_THAT(plan->per_head, SizeIs(2));
  EXPECT_THAT(plan->Columns(), AllOf(Contains("per_capita(net,registered,year_end)"),
                                     Contains("ratio_to_gdp(net)")));
  query_.dimensions = {{"category", ""}, {"consumer_region", "province"}};
  query_.filters.push_back({"provider_region", {"cn", "cn-33"}});
  plan = Make();
  ASSERT_OK(plan.status());
  EXPECT_EQ(plan->place.dimension, 1);
  query_.per_capita.clear();
  query_.ratios_to_gdp.clear();
  EXPECT_FALSE(Make()->NeedsDenominators());
}

TEST_F(PlanPerHeadTest, WithoutOnePlaceNobodyKnowsWhosePopulationIsMeant) {
  EXPECT_THAT(Error([](Query* q) { q->filters.clear(); }),
              AllOf(StatusIs(kInvalid, HasSubstr("query.per_capita[0]: needs a place")),
                    ReasonIs("PLACE_MISSING")));
  EXPECT_THAT(Error([](Query* q) { q->filters[0].exclude = true; }), ReasonIs("PLACE_MISSING"));
  EXPECT_THAT(Error([](Query* q) { q->filters[0].codes.emplace_back("cn"); }),
              ReasonIs("PLACE_AMBIGUOUS"));
  EXPECT_THAT(Error([](Query* q) { q->filters[0].unknown = true; }), ReasonIs("PLACE_AMBIGUOUS"));
  EXPECT_THAT(Error([](Query* q) {
                q->filters.push_back({"place_of_use", {"cn"}});
              }),
              ReasonIs("PLACE_AMBIGUOUS"));
  EXPECT_THAT(
      Error([](Query* q) {
        q->per_capita.clear();
        q->dimensions = {{"consumer_region", ""}, {"provider_region", ""}};
      }),
      AllOf(StatusIs(kInvalid, HasSubstr("query.ratio_to_gdp[0]: ")), ReasonIs("PLACE_AMBIGUOUS")));
  // The same is found without a snapshot.
  query_.filters.clear();
  EXPECT_THAT(CheckWords(query_, nullptr), ReasonIs("PLACE_MISSING"));
}

TEST_F(PlanPerHeadTest, RowsOfGroupsOfPeopleAreDividedByAllOfThem) {
  const auto told = [this](std::vector<Query::DimensionRef> dimensions) {
    query_.dimensions = std::move(dimensions);
    const auto plan = Make();
    EXPECT_OK(plan.status());
    std::string text;
    for (const PlanNote& note : plan->notes) {
      if (note.code == "POPULATION_WHOLE") text += note.message;
    }
    return text;
  };
  EXPECT_THAT(told({}), IsEmpty());
  EXPECT_THAT(told({{"consumer_region", "province"}, {"category", ""}, {"channel", ""}}),
              IsEmpty());
  EXPECT_THAT(told({{"age_band", ""}, {"category", ""}, {"area_type", ""}}),
              AllOf(HasSubstr("the whole population of its place, not by the people of its "
                              "age_band and area_type"),
                    HasSubstr("`divide --by 'age_band, area_type'`")));
  EXPECT_THAT(told({{"income_band", ""}, {"segment", ""}}),
              AllOf(HasSubstr("income_band and segment"), HasSubstr("--by 'income_band'`")));
  // `divide` knows no segments.
  EXPECT_THAT(told({{"segment", ""}}),
              AllOf(HasSubstr("of its segment"), Not(HasSubstr("divide --by"))));
  query_.per_capita.clear();
  EXPECT_THAT(told({{"age_band", ""}}), IsEmpty());
}

TEST_F(PlanPerHeadTest, OnlySumsAndConsumersHaveAValuePerHead) {
  query_.measures = {{"net", 0, "net"},
                     {"consumers", 0, "consumers"},
                     {"average_line", 0, "average_line"},
                     {"events", 0, "events"},
                     {"orders", 0, "orders"}};
  for (const char* good : {"net", "events", "consumers"})
    EXPECT_OK(Error([good](Query* q) { q->per_capita[0].measure = good; })) << good;
  for (const char* bad : {"average_line", "orders"})
    EXPECT_THAT(Error([bad](Query* q) { q->per_capita[0].measure = bad; }),
                AllOf(StatusIs(kInvalid, HasSubstr("query.per_capita[0].measure: ")),
                      ReasonIs("NOT_PER_CAPITA")))
        << bad;
  for (const char* bad : {"events", "consumers", "average_line"})
    EXPECT_THAT(
        Error([bad](Query* q) { q->ratios_to_gdp[0].measure = bad; }),
        AllOf(StatusIs(kInvalid, HasSubstr("query.ratio_to_gdp[0]: ")), ReasonIs("NOT_MONEY")))
        << bad;
  EXPECT_THAT(Error([](Query* q) { q->per_capita[0].measure = "gross"; }),
              ReasonIs("UNKNOWN_MEASURE"));
  EXPECT_THAT(Error([](Query* q) { q->ratios_to_gdp[0].measure = "gross"; }),
              ReasonIs("UNKNOWN_MEASURE"));
  EXPECT_THAT(Error([](Query* q) { q->per_capita.push_back(q->per_capita[0]); }),
              ReasonIs("DUPLICATE"));
  EXPECT_THAT(Error([](Query* q) { q->ratios_to_gdp.push_back(q->ratios_to_gdp[0]); }),
              ReasonIs("DUPLICATE"));
  EXPECT_THAT(Error([](Query* q) { q->per_capita.resize(9); }), ReasonIs("TOO_MANY"));
  EXPECT_THAT(Error([](Query* q) { q->per_capita[0].people = PopulationKind::kUnknown; }),
              ReasonIs("UNKNOWN_POPULATION"));
  EXPECT_THAT(Error([](Query* q) { q->per_capita[0].time = PopulationTime::kUnknown; }),
              ReasonIs("UNKNOWN_POPULATION"));
}

TEST_F(PlanPerHeadTest, WhatHasNoEndIsAsOfTheSnapshot) {
  query_.last = "";
  auto plan = Make();
  ASSERT_OK(plan.status());
  EXPECT_EQ(LastDayOf(*plan, plan->periods.front()).first,
            calendar_->DayOf(calendar_->Parse("2024-06-15")->start_us));
  query_.last = "2024-03";
  plan = Make();
  EXPECT_EQ(LastDayOf(*plan, plan->periods.front()).end,
            calendar_->DayOf(calendar_->Parse("2024-04")->start_us));
}

TEST_F(PlanPerHeadTest, FiguresOutsideOfTheCallersRegionAreNotTold) {
  const auto told = [&](const char* scope, const OfficialPlace& place) {
    auto plan = Make(scope);
    EXPECT_OK(plan.status());
    return IsToldOf(*plan, place, LastDayOf(*plan, plan->periods.front()));
  };
  EXPECT_TRUE(told("", Region("cn")));
  EXPECT_TRUE(told("regions/cn", Region("cn-33")));
  EXPECT_TRUE(told("regions/cn-33", Region("cn-33")));
  EXPECT_FALSE(told("regions/cn-33", Region("cn")));
  EXPECT_TRUE(told("regions/cn-33", Group("delta")));
  EXPECT_TRUE(told("regionGroups/delta", Group("delta")));
  EXPECT_TRUE(told("regionGroups/delta", Region("cn-33")));
  EXPECT_FALSE(told("regionGroups/delta", Region("cn")));
}

TEST_F(PlanPerHeadTest, ANoteNamesSeriesVintagesAndPeriods) {
  std::vector<PlanNote> notes;
  NoteFigures("POPULATION", {}, &notes);
  EXPECT_THAT(notes, IsEmpty());
  NoteFigures("POPULATION",
              {{"observationSeries/people", "vintages/v1", "2024", 'P'},
               {"observationSeries/people", "vintages/v1", "2023"},
               {"observationSeries/people", "vintages/v1", "2023", 'A', true},
               {"observationSeries/people", "vintages/v0", "2022"}},
              &notes);
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_EQ(notes[0].code, "POPULATION");
  EXPECT_EQ(notes[0].message,
            "observationSeries/people of vintages/v0: 2022; "
            "observationSeries/people of vintages/v1: 2023, 2024 (P)");
  std::set<OfficialFigure> many;
  for (int i = 100; i < 140; ++i) many.insert({"s", std::to_string(i), "2024"});
  NoteFigures("GDP", many, &notes);
  EXPECT_THAT(notes[1].message, HasSubstr("; and 10 more"));
}

}  // namespace
}  // namespace tidemark::analytics
