#include "services/analytics/query/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/analytics/query/plan_fixture_test.h"

namespace tidemark::analytics {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

TEST_F(PlanTest, UnknownWordsAreNamedWithTheNearest) {
  const auto invalid = [](const char* field, const char* hint) {
    return StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr(field), HasSubstr(hint)));
  };
  EXPECT_THAT(Error([](Query* q) { q->measures[0].name = "nett"; }),
              invalid("query.measures[0].name", "nearest: net"));
  EXPECT_THAT(Error([](Query* q) {
                q->dimensions = {{"regoin", ""}};
              }),
              invalid("query.dimensions[0].name", "`regoin` is not a dimension"));
  EXPECT_THAT(Error([](Query* q) {
                q->dimensions = {{"consumer_regio", ""}};
              }),
              invalid("query.dimensions[0].name", "nearest: consumer_region"));
  EXPECT_THAT(Error([](Query* q) {
                q->dimensions = {{"monht", ""}};
              }),
              invalid("query.dimensions[0].name", "nearest: month"));
  EXPECT_THAT(Error([](Query* q) {
                q->dimensions = {{"consumer_region", "provnce"}};
              }),
              invalid("query.dimensions[0].level", "nearest: province"));
  EXPECT_THAT(Error([](Query* q) {
                q->dimensions = {{"category", "01"}};
              }),
              invalid("query.dimensions[0].level", "want 1"));
  EXPECT_THAT(Error([](Query* q) {
                q->dimensions = {{"order", ""}};
              }),
              invalid("query.dimensions[0].name", "filtered by"));
  EXPECT_THAT(Error([](Query* q) {
                q->filters = {{"consumer_region", {"cn", "cn-3"}}};
              }),
              invalid("query.filters[0].codes[1]", "cn-33"));
  EXPECT_THAT(Error([](Query* q) {
                q->filters = {{"channel", {"onlin"}}};
              }),
              invalid("query.filters[0].codes[0]", "nearest: online"));
  EXPECT_THAT(Error([](Query* q) {
                q->filters = {{"source", {"shopp"}}};
              }),
              invalid("query.filters[0].codes[0]", "nearest: shop"));
  EXPECT_THAT(Error([](Query* q) {
                q->filters = {{"place_of_use", {"regionGroups/delt"}}};
              }),
              invalid("query.filters[0].codes[0]", "delta"));
  EXPECT_THAT(Error([](Query* q) {
                q->order_by = {{"ne", false}};
              }),
              invalid("query.order_by[0].column", "nearest: net"));
  EXPECT_THAT(Error([](Query* q) {
                q->ranks = {{"gross", false, "rank(gross)"}};
              }),
              invalid("query.ranks[0].column", "net"));
  EXPECT_THAT(Error([](Query* q) { q->first = "2024-13"; }),
              invalid("query.range.first", "from 1 to 12"));
  EXPECT_THAT(Error([](Query* q) { q->first = "2024-03", q->last = "2024-02"; }),
              invalid("query.range", "first before last"));
}

TEST_F(PlanTest, RefusesWhatCannotBeMeant) {
  const auto invalid = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Error([](Query* q) { q->measures.clear(); }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->measures.push_back({"net", 0, "net"}); }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->measures = {{"net", 5, "net(5)"}}; }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->measures = {{"quantile", 0, "quantile"}}; }), invalid);
  EXPECT_THAT(Error([](Query* q) {
                q->measures = {{"quantile", 10001, "quantile(10001)"}};
              }),
              invalid);
  EXPECT_THAT(Error([](Query* q) { q->measures.assign(17, {"net", 0, "net"}); }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->dimensions = {{"kind", ""}, {"kind", ""}}; }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->dimensions = {{"kind", "1"}}; }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->filters = {{"kind", {}}}; }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->filters = {{"product", {""}}}; }), invalid);
  EXPECT_THAT(Error([](Query* q) {
                q->filters = {{"product", {"a"}}, {"product", {"b"}}};
              }),
              invalid);
  EXPECT_THAT(Error([](Query* q) {
                q->filters = {{"product", std::vector<std::string>(1001, "x")}};
              }),
              invalid);
  EXPECT_THAT(Error([](Query* q) { q->comparisons = {Comparison::kPrev}; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("needs periods")));
  EXPECT_THAT(Error([](Query* q) {
                q->grain = Grain::kDay;
                q->comparisons = {Comparison::kYoy, Comparison::kYoy};
              }),
              invalid);
  EXPECT_THAT(Error([](Query* q) { q->comparisons = {Comparison::kUnspecified}; }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->shares = {{"gross", "", "", "share(gross)"}}; }), invalid);
  EXPECT_THAT(Error([](Query* q) { q->shares = {{"net", "category", "", "share"}}; }), invalid);
  EXPECT_THAT(Error([](Query* q) {
                q->dimensions = {{"category", "2"}};
                q->shares = {{"net", "category", "2", "share"}};
              }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not wider")));
  EXPECT_THAT(Error([](Query* q) {
                q->measures = {{"orders", 0, "orders"}};
                q->shares = {{"orders", "", "", "share(orders)"}};
              }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("does not add up")));
}

TEST_F(PlanTest, BothSensesOfAFilterMayStandTogether) {
  query_.filters = {{"product", {"a"}}, {"product", {"b"}, false, true}, {"order", {"7"}}};
  EXPECT_OK(Make());
}

TEST_F(PlanTest, ConsumersBringTheirIdentifiedShare) {
  query_.measures = {{"consumers", 0, "consumers"}, {"net", 0, "net"}};
  query_.grain = Grain::kMonth;
  query_.comparisons = {Comparison::kPrev};
  ASSERT_OK_AND_ASSIGN(const Plan plan, Make());
  EXPECT_THAT(plan.Columns(),
              ElementsAre("period", "consumers", "identified_share", "net", "prev_diff(consumers)",
                          "prev(consumers)", "prev_diff(net)", "prev(net)", "coverage_complete",
                          "coverage_expected", "status", "flags"));
}

TEST_F(PlanTest, BasePeriodsOutsideTheRangeAreReadButNotShown) {
  query_.grain = Grain::kMonth;
  query_.first = "2024-03";
  query_.last = "2024-04";
  query_.comparisons = {Comparison::kPrev, Comparison::kYoy};
  ASSERT_OK_AND_ASSIGN(const Plan plan, Make());
  std::vector<std::string> names;
  for (const PlannedPeriod& period : plan.periods) {
    names.push_back(calendar_->Name(period.period) + (period.shown ? "" : " base"));
  }
  EXPECT_THAT(names,
              ElementsAre("2023-03 base", "2023-04 base", "2024-02 base", "2024-03", "2024-04"));
  EXPECT_EQ(plan.periods[3].prev.period, 2);
  EXPECT_EQ(plan.periods[3].yoy.period, 0);
  EXPECT_EQ(plan.periods[4].prev.period, 3);
  EXPECT_EQ(plan.periods[4].yoy.period, 1);
}

TEST_F(PlanTest, OneNamedPeriodHasAColumnAndBases) {
  query_.first = query_.last = "2024-01..02";
  ASSERT_OK_AND_ASSIGN(Plan plan, Make());
  EXPECT_EQ(plan.Columns().front(), "period");
  EXPECT_EQ(plan.period_name, "2024-01..02");
  ASSERT_EQ(plan.periods.size(), 1u);
  EXPECT_EQ(plan.periods[0].period, *calendar_->Parse("2024-01..02"));
  query_.comparisons = {Comparison::kYoy};
  ASSERT_OK_AND_ASSIGN(plan, Make());
  ASSERT_EQ(plan.periods.size(), 2u);
  EXPECT_EQ(plan.periods[0].period, *calendar_->Parse("2023-01..02"));
  EXPECT_FALSE(plan.periods[0].shown);
  EXPECT_EQ(plan.periods[1].yoy.period, 0);
  EXPECT_EQ(plan.periods[1].prev.period, kNoBase);
  query_.comparisons = {Comparison::kPrev};
  EXPECT_THAT(Make(), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2024-01..02")),
                            ReasonIs("PREV_UNDEFINED")));
  query_.first = query_.last = "2024-Q1";
  query_.comparisons = {Comparison::kPrev, Comparison::kYoy};
  ASSERT_OK_AND_ASSIGN(plan, Make());
  ASSERT_EQ(plan.periods.size(), 3u);
  EXPECT_EQ(plan.periods[0].period, *calendar_->Parse("2023-Q1"));
  EXPECT_EQ(plan.periods[1].period, *calendar_->Parse("2023-Q4"));
  EXPECT_EQ(plan.periods[2].yoy.period, 0);
  EXPECT_EQ(plan.periods[2].prev.period, 1);
  // Of two names there is no one name.
  query_.first = "2024-01";
  query_.last = "2024-03";
  EXPECT_THAT(Make(), ReasonIs("GRAIN_MISSING"));
  query_.comparisons.clear();
  EXPECT_NE(Make()->Columns().front(), "period");
}

// The source reports from 2020 on, and "now" is in June 2024.
TEST_F(PlanTest, TotalsAndComparisonsHaveThePeriodsThatASourceReportsIn) {
  query_.grain = Grain::kMonth;
  ASSERT_OK_AND_ASSIGN(const Plan total, Make());
  EXPECT_EQ(calendar_->Name(total.periods.front().period), "2020-01");
  EXPECT_EQ(calendar_->Name(total.periods.back().period), "2024-06");
  query_.dimensions = {{"category"}};
  query_.comparisons = {Comparison::kPrev};
  ASSERT_OK_AND_ASSIGN(const Plan compared, Make());
  EXPECT_EQ(calendar_->Name(compared.periods.front().period), "2020-01");
  EXPECT_TRUE(compared.periods.front().coverage.reported);
}

TEST_F(PlanTest, PeriodsBeyondTheDataAreLeftOut) {
  query_.grain = Grain::kMonth;
  query_.dimensions = {{"category"}};
  ASSERT_OK_AND_ASSIGN(const Plan plan, Make());
  EXPECT_EQ(calendar_->Name(plan.periods.front().period), "2023-02");
  EXPECT_EQ(calendar_->Name(plan.periods.back().period), "2024-06");
  query_.first = "2025";
  EXPECT_TRUE(Make()->periods.empty());
}

TEST_F(PlanTest, TooManyPeriodsSaysWhatToNarrow) {
  query_.grain = Grain::kHour;
  query_.first = "2000";
  const absl::StatusOr<Plan> plan = MakePlan(
      query_,
      {.view = view_,
       .calendar = calendar_.get(),
       .snapshot = {.log_size = 10, .catalog_version = 1},
       .event_times = {calendar_->Parse("2000")->start_us, calendar_->Parse("2024")->end_us}});
  EXPECT_THAT(plan, AllOf(StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("narrow")),
                          ReasonIs("TOO_MANY_PERIODS")));
}

TEST_F(PlanTest, ScopeBecomesAFilterOnResidence) {
  ASSERT_OK_AND_ASSIGN(const Plan plan, Make("regions/cn-33"));
  ASSERT_EQ(plan.filters.size(), 1u);
  EXPECT_EQ(plan.filters[0].word->name, "consumer_region");
  EXPECT_EQ(plan.notes[0].code, "REGION_SCOPE");
  EXPECT_EQ(plan.region_role, RegionRole::kNone);
  EXPECT_THAT(Make("regions/gone"),
              AllOf(StatusIs(absl::StatusCode::kPermissionDenied), ReasonIs("REGION_SCOPE")));
}

TEST_F(PlanTest, NotesIncompleteGroupsAndTheRoleOfRegions) {
  query_.filters = {{"provider_region", {"regionGroups/delta"}}};
  ASSERT_OK_AND_ASSIGN(const Plan seller, Make());
  EXPECT_EQ(seller.notes[0].code, "MEMBERSHIP_INCOMPLETE");
  EXPECT_EQ(seller.region_role, RegionRole::kSeller);
  query_.dimensions = {{"consumer_region", "nation"}};
  EXPECT_EQ(Make()->region_role, RegionRole::kMixed);
}

TEST_F(PlanTest, AGroupWithoutKnownMembersIsNoPlace) {
  query_.filters = {{"consumer_region", {"regionGroups/announced"}}};
  EXPECT_THAT(Make(), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                                     HasSubstr("no member of regionGroups/announced, which "
                                               "announces 16")),
                            ReasonIs("MEMBERSHIP_UNKNOWN")));
  // Others beside it, or all but it, are places.
  query_.filters = {{"consumer_region", {"regionGroups/announced", "regionGroups/delta"}}};
  EXPECT_OK(Make());
  query_.filters = {{"consumer_region", {"regionGroups/announced", "cn-33"}}};
  EXPECT_OK(Make());
  query_.filters = {
      {.dimension = "consumer_region", .codes = {"regionGroups/announced"}, .exclude = true}};
  EXPECT_OK(Make());
}

TEST_F(PlanTest, PeriodsInWhichAGroupHasNoMemberAreNoted) {
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
  catalog.Source("shop");
  catalog.Region("cn-33", catalog_client::RegionLevel::kProvince);
  auto& member = *catalog.Group("spring").add_members();
  member.set_member("regions/cn-33");
  catalog_client::SetDate({2024, 3, 1}, member.mutable_valid()->mutable_start());
  catalog_client::SetDate({2024, 4, 1}, member.mutable_valid()->mutable_end());
  view_ = catalog.View();
  query_.grain = Grain::kMonth;
  query_.first = "2024-01";
  query_.last = "2024-04";
  query_.filters = {{"consumer_region", {"regionGroups/spring"}}};
  const auto note = [this] { return Note("MEMBERSHIP_EMPTY"); };
  EXPECT_THAT(note(),
              HasSubstr("regionGroups/spring has no known member in 2024-01, 2024-02, 2024-04:"));
  query_.first = query_.last = "2024-03";
  EXPECT_EQ(note(), "");
  query_.grain = Grain::kAll;
  query_.first = "2024-01";
  query_.last = "2024-02";
  EXPECT_THAT(note(), HasSubstr("has no known member in the range:"));
}

TEST_F(PlanTest, GrowthMustHaveSomethingToCompare) {
  EXPECT_THAT(Error([](Query* q) { q->panel = Panel::kMatched; }), ReasonIs("COMPARISON_MISSING"));
  EXPECT_THAT(Error([](Query* q) { q->to_date = true; }), ReasonIs("COMPARISON_MISSING"));
  EXPECT_THAT(Error([](Query* q) { q->panel = Panel::kUnknown; }), ReasonIs("UNKNOWN_PANEL"));
  EXPECT_THAT(Error([](Query* q) {
                q->grain = Grain::kHour;
                q->comparisons = {Comparison::kPrev};
                q->to_date = true;
              }),
              ReasonIs("GRAIN_TOO_SHORT"));
  EXPECT_THAT(Error([](Query* q) {
                q->first = q->last = "2024-03-05T10+08:00";
                q->comparisons = {Comparison::kPrev};
                q->to_date = true;
              }),
              ReasonIs("GRAIN_TOO_SHORT"));
}

// What has passed of the last period of the query, and as much of its base, as days.
struct ToDate {
  std::string value, base;
};
ToDate PartsOf(const Plan& plan, bool yoy) {
  const PlannedPeriod& last = plan.periods.back();
  const PlannedPair& pair = yoy ? last.yoy_pair : last.prev_pair;
  if (pair.panel == kNoPanel) return {};
  const auto days = [&](const PlannedPeriod& part) {
    const auto name = [&](int64_t time_us) {
      return absl::FormatCivilTime(absl::CivilDay(1970, 1, 1) + plan.calendar->DayOf(time_us));
    };
    return name(part.start_us) + " " + name(part.end_us - 1);
  };
  const auto& periods = plan.panels[pair.panel].periods;
  return {days(periods[pair.value]), days(periods[pair.base])};
}

TEST_F(PlanTest, ToDateComparesAsMuchAsHasPassed) {
  struct Case {
    const char* now;
    Grain grain;
    bool yoy;
    const char* value;
    const char* base;
  };
  const Case cases[] = {
      {"2024-06-15", Grain::kMonth, true, "2024-06-01 2024-06-14", "2023-06-01 2023-06-14"},
      {"2024-06-15", Grain::kMonth, false, "2024-06-01 2024-06-14", "2024-05-01 2024-05-14"},
      {"2024-06-15", Grain::kYear, true, "2024-01-01 2024-06-14", "2023-01-01 2023-06-14"},
      {"2024-06-15", Grain::kQuarter, false, "2024-04-01 2024-06-14", "2024-01-01 2024-03-15"},
      {"2024-06-15", Grain::kWeek, true, "2024-06-10 2024-06-14", "2023-06-12 2023-06-16"},
      // The last day of February corresponds to the last day of February.
      {"2024-03-01", Grain::kYear, true, "2024-01-01 2024-02-29", "2023-01-01 2023-02-28"},
      {"2025-03-01", Grain::kYear, true, "2025-01-01 2025-02-28", "2024-01-01 2024-02-29"},
      {"2025-02-28", Grain::kYear, true, "2025-01-01 2025-02-27", "2024-01-01 2024-02-27"},
      // No more than all of a shorter month.
      {"2024-03-31", Grain::kMonth, false, "2024-03-01 2024-03-30", "2024-02-01 2024-02-29"},
      // Nothing of it is over.
      {"2024-06-01", Grain::kMonth, true, "", ""},
      {"2024-06-15", Grain::kDay, true, "", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.now) + " " + std::string(GrainName(c.grain)));
    query_.grain = c.grain;
    query_.comparisons = {c.yoy ? Comparison::kYoy : Comparison::kPrev};
    query_.to_date = true;
    const auto at = [this](const char* day) { return calendar_->Parse(day)->start_us; };
    ASSERT_OK_AND_ASSIGN(
        const Plan plan,
        MakePlan(query_, {.view = view_,
                          .calendar = calendar_.get(),
                          .snapshot = {.log_size = 10, .accepted_time_us = at(c.now) + 1},
                          .event_times = {at("2022-02-10"), at(c.now)}}));
    const ToDate parts = PartsOf(plan, c.yoy);
    EXPECT_EQ(parts.value, c.value);
    EXPECT_EQ(parts.base, c.base);
    if (parts.value.empty()) continue;
    EXPECT_EQ(plan.notes[0].code, "TO_DATE");
    EXPECT_THAT(plan.notes[0].message, HasSubstr(parts.base.substr(11)));
  }
}

// A later release's catalog may have such; their events count, but nobody can say how complete.
TEST_F(PlanTest, SourcesOfAnUnknownKindAreNeverMatched) {
  query_.grain = Grain::kMonth;
  query_.comparisons = {Comparison::kPrev};
  query_.panel = Panel::kMatched;
  const auto panels = [this]() -> absl::StatusOr<size_t> {
    TM_ASSIGN_OR_RETURN(const Plan plan, Make());
    return plan.panels.size();
  };
  ASSERT_OK_AND_ASSIGN(const size_t without, panels());
  EXPECT_EQ(without, 0u) << "all are compared as they are";
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
  catalog.Source("shop");
  catalog.Source("later", static_cast<catalog_client::SourceKind>(9));
  view_ = catalog.View();
  ASSERT_OK_AND_ASSIGN(const Plan plan, Make());
  ASSERT_EQ(plan.panels.size(), 1u);
  EXPECT_THAT(*plan.panels[0].sources, ElementsAre("shop"));
}

TEST_F(PlanTest, WhatIsMadeOfMeasuresCanBeRanked) {
  query_.grain = Grain::kMonth;
  query_.comparisons = {Comparison::kYoy};
  query_.shares = {{.measure = "net", .dimension = "", .level = "", .column = "share(net)"}};
  query_.ranks = {{"yoy(net)", false, "rank(yoy(net))"},
                  {"share(net)", true, "rank(share(net) asc)"}};
  ASSERT_OK_AND_ASSIGN(const Plan plan, Make());
  EXPECT_EQ(plan.ranks[1].ranked, "share(net)");
  query_.ranks.push_back({"rank(yoy(net))", false, "rank(rank(yoy(net)))"});
  EXPECT_THAT(Make().status(), ReasonIs("UNKNOWN_COLUMN"));
  query_.ranks = {{"period", false, "rank(period)"}};
  EXPECT_THAT(Make().status(), ReasonIs("UNKNOWN_COLUMN"));
  query_.comparisons.clear();
  query_.ranks = {{"yoy(net)", false, "rank(yoy(net))"}};
  EXPECT_THAT(Make().status(), ReasonIs("UNKNOWN_COLUMN"));
}

TEST_F(PlanTest, SourcesThatAreNotCompleteAreNotedWhereGrowthIsNull) {
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
  catalog.Source("shop");
  catalog_client::SetDate({2024, 2, 10}, catalog.Source("late").mutable_reports()->mutable_start());
  view_ = catalog.View();
  query_.grain = Grain::kMonth;
  query_.first = "2024-01";
  query_.last = "2024-05";
  const auto note = [this] { return Note("PARTIAL_SOURCES"); };
  EXPECT_EQ(note(), "") << "nothing is compared";
  query_.comparisons = {Comparison::kPrev};
  EXPECT_THAT(note(), ::testing::StartsWith("sources/late (2024-02) is not complete"));
  query_.panel = Panel::kMatched;
  EXPECT_EQ(note(), "");
  query_.panel = Panel::kAsReported;
  query_.filters = {{"source", {"shop"}}};
  EXPECT_EQ(note(), "");
  query_.filters.clear();
  query_.first = "2024-04";
  EXPECT_EQ(note(), "") << "both are complete from March on";
}

TEST_F(PlanTest, SyntheticSourcesAreNotedWhereTheirEventsMayCount) {
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
  catalog.Source("shop");
  catalog::v1::Source& made_up = catalog.Source("made-up");
  made_up.set_synthetic(true);
  catalog_client::SetDate({2023, 3, 14}, made_up.mutable_reports()->mutable_start());
  catalog_client::SetDate({2023, 3, 16}, made_up.mutable_reports()->mutable_end());
  view_ = catalog.View();
  const auto noted = [this] {
    const absl::StatusOr<Plan> plan = Make();
    return plan.ok() && !plan->notes.empty() && plan->notes[0].code == "SYNTHETIC";
  };
  EXPECT_TRUE(noted()) << "all there is";
  query_.first = "2024-01";
  query_.last = "2024-05";
  EXPECT_FALSE(noted());
  query_.comparisons = {Comparison::kYoy};
  query_.grain = Grain::kMonth;
  EXPECT_TRUE(noted()) << "a year before is compared with";
  query_.comparisons = {Comparison::kPrev};
  EXPECT_FALSE(noted());
  query_.comparisons = {Comparison::kYtdYoy};
  EXPECT_TRUE(noted());
  query_.comparisons.clear();
  EXPECT_FALSE(noted());
  query_.measures = {{"new_consumers", 0, "new_consumers"}};
  EXPECT_TRUE(noted()) << "who is new follows from all there is";
}

TEST_F(PlanTest, TooManyPanelsAreRefused) {
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
  const absl::CivilDay first(2023, 3, 1);
  for (int i = 0; i < 450; ++i) {
    auto& end = *catalog.Source(absl::StrCat("s", i)).mutable_reports()->mutable_end();
    const absl::CivilDay day = first + i;
    end.set_year(static_cast<int>(day.year()));
    end.set_month(day.month());
    end.set_day(day.day());
  }
  view_ = catalog.View();
  query_.grain = Grain::kDay;
  query_.comparisons = {Comparison::kPrev, Comparison::kYoy};
  query_.panel = Panel::kMatched;
  EXPECT_THAT(Make().status(), ReasonIs("TOO_MANY_PANELS"));
  query_.first = "2023-03-01";
  query_.last = "2023-05-31";
  EXPECT_OK(Make());
}

}  // namespace
}  // namespace tidemark::analytics
