#include "services/analytics/statistics/targets/target_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/statistics/table_parts.h"
#include "services/analytics/statistics/targets/target_fixture_test.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

using catalog_client::RegionLevel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

constexpr char kYuan[] = "unit { kind: UNIT_KIND_MONEY currency: 'CNY' power_of_ten: 8 } ";

std::string Year(int year) {
  return absl::StrCat("{ grain: PERIOD_GRAIN_YEAR start { year: ", year, " month: 1 day: 1 } } ");
}

// A catalog in a map.
class FakeReader final : public CatalogReader {
 public:
  void Put(const std::string& name, const std::string& text) {
    resources_[name] = tidemark::testing::ParseText<pb::Resource>(text);
    resources_[name].set_name(name);
  }
  void State(const std::string& text) {
    observations_.push_back(tidemark::testing::ParseText<pb::Observation>(text));
  }
  int reads() const { return reads_; }

  absl::StatusOr<std::shared_ptr<const pb::Resource>> Get(std::string_view name,
                                                          uint64_t version) override {
    EXPECT_EQ(version, 7u);
    const auto found = resources_.find(std::string(name));
    if (found == resources_.end()) return absl::NotFoundError(absl::StrCat("no ", name));
    return std::make_shared<const pb::Resource>(found->second);
  }
  absl::StatusOr<Resources> List(std::string_view collection, std::string_view filter,
                                 uint64_t version) override {
    EXPECT_EQ(version, 7u);
    EXPECT_EQ(collection, "targets");
    auto listed = std::make_shared<std::vector<pb::Resource>>();
    for (const auto& [name, resource] : resources_) {
      if (absl::StrCat("parent = \"", resource.target().parent(), "\"") == filter)
        listed->push_back(resource);
    }
    return listed;
  }
  absl::StatusOr<Observations> ListObservations(const pb::ObservationFilter& filter,
                                                uint64_t version) override {
    EXPECT_EQ(version, 7u);
    ++reads_;
    auto listed = std::make_shared<std::vector<pb::Observation>>();
    for (const pb::Observation& observation : observations_) {
      const auto is_asked = [](const auto& list, const std::string& name) {
        return std::find(list.begin(), list.end(), name) != list.end();
      };
      if (is_asked(filter.series(), observation.series()) &&
          is_asked(filter.regions(), observation.region()))
        listed->push_back(observation);
    }
    return listed;
  }

 private:
  std::map<std::string, pb::Resource> resources_;
  std::vector<pb::Observation> observations_;
  int reads_ = 0;
};

class TargetProgressTest : public ::testing::Test {
 protected:
  TargetProgressTest() {
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2012, 1, 1});
    catalog.Region("cn", RegionLevel::kNation);
    catalog.Region("cn-63", RegionLevel::kProvince, "cn");
    catalog.Region("cn-33", RegionLevel::kProvince, "cn");
    context_.view = catalog.View();
    context_.calendar = std::make_shared<const Calendar>(context_.view->observatory()->time_zone);
    context_.catalog = &reader_;
    context_.snapshot = {.log_size = 1,
                         .catalog_version = 7,
                         .accepted_time_us = context_.calendar->Parse("2014-02-03")->start_us};
    context_.stop = [] { return absl::OkStatus(); };
    reader_.Put("programmes/pilot", "programme {}");
    PutIndicator("consumption", "ADDITIVITY_FLOW", "");
    PutIndicator("events", "ADDITIVITY_FLOW", "formula { measure { name: 'net' } }");
  }

  void PutIndicator(const std::string& id, const std::string& additivity,
                    const std::string& formula) {
    reader_.Put("indicators/" + id,
                absl::StrCat("indicator { frequency: PERIOD_GRAIN_QUARTER additivity: ", additivity,
                             " ", kYuan, formula, "}"));
  }
  // A goal of 125 in 2015.
  void PutTarget(const std::string& id, const std::string& goal,
                 const std::string& region = "regions/cn-63") {
    reader_.Put("targets/" + id,
                absl::StrCat("target { parent: 'programmes/pilot' region: '", region, "' due ",
                             Year(2015), "quantitative { kind: GOAL_KIND_AT_LEAST ", kYuan,
                             "value { value: '125' } ", goal, "} }"));
    question_.targets.push_back("targets/" + id);
  }
  void PutSeriesTarget(const std::string& id, const std::string& goal = "",
                       const std::string& region = "regions/cn-63") {
    PutTarget(id, "indicator: 'indicators/consumption' series: 'observationSeries/a' " + goal,
              region);
  }
  void State(const std::string& period, const std::string& value,
             const std::string& region = "regions/cn-63", const std::string& unit = kYuan) {
    reader_.State(absl::StrCat("series: 'observationSeries/a' region: '", region, "' period ",
                               period, "value { value: '", value,
                               "' } divisor: 1 vintage: 'vintages/v' ", unit));
  }

  absl::StatusOr<TargetProgressTables> Tell() const { return TellTargets(context_, question_); }
  static std::string Text(const Table& table, const std::string& column, size_t row = 0) {
    const Column& of = *FindColumn(table, column);
    return of.members[of.texts[row]].code;
  }
  static Number Value(const Table& table, const std::string& column, size_t row = 0) {
    const Column& of = *FindColumn(table, column);
    return {of.doubles[row], of.IsNull(row) ? of.nulls[row] : NullReason::kNone};
  }
  static std::vector<std::string> Names(const Table& table) {
    std::vector<std::string> names;
    for (size_t row = 0; row < table.row_count; ++row)
      names.emplace_back(absl::StripPrefix(Text(table, "target", row), "targets/"));
    return names;
  }

  FakeReader reader_;
  StatisticContext context_;
  TargetQuestion question_;
};

constexpr char kThreeQuarters[] =
    "{ grain: PERIOD_GRAIN_QUARTER start { year: 2013 month: 1 day: 1 } count: 3 } ";

TEST_F(TargetProgressTest, ThePilotsTargetIsComparedWithLikePeriods) {
  PutSeriesTarget("xining");
  // 6,552 million yuan.
  State(kThreeQuarters, "6552", "regions/cn-63",
        "unit { kind: UNIT_KIND_MONEY currency: 'CNY' power_of_ten: 6 }");
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables told, Tell());
  EXPECT_EQ(Value(told.progress, "actual").null, NullReason::kPeriodMismatch);
  EXPECT_EQ(Value(told.progress, "needed_growth").null, NullReason::kPeriodMismatch);
  EXPECT_EQ(Value(told.progress, "progress").null, NullReason::kNoBaseline);
  EXPECT_EQ(Value(told.progress, "goal"), (Number{125}));
  EXPECT_EQ(Text(told.progress, "unit"), "10^8 CNY");
  EXPECT_EQ(Text(told.progress, "kind"), "AT_LEAST");
  EXPECT_EQ(Text(told.progress, "due"), "2015");
  EXPECT_EQ(Text(told.progress, "flags"), "ANNUALISED");
  EXPECT_EQ(Text(told.progress, "on_track"), "");
  ASSERT_EQ(told.progress.notes.size(), 1u);
  EXPECT_EQ(told.progress.notes[0].code, "PERIOD_MISMATCH");
  ASSERT_EQ(told.like_for_like.row_count, 1u);
  EXPECT_EQ(Text(told.like_for_like, "period"), "2013-Q1..Q3");
  EXPECT_EQ(Value(told.like_for_like, "part"), (Number{65.52}));
  EXPECT_EQ(Value(told.like_for_like, "annualised"), (Number{87.36}));
  EXPECT_EQ(Value(told.like_for_like, "needed_growth"), (Number{0.196185941173363674307}));
  EXPECT_EQ(Value(told.like_for_like, "naive_growth"), (Number{0.381236550274574733174}));
}

TEST_F(TargetProgressTest, AYearIsComparedWithTheGoalAndThePath) {
  const std::string baseline =
      absl::StrCat("baseline { period ", Year(2011), "value { value: '85' } } ");
  PutSeriesTarget("a", baseline + "qualifier: QUALIFIER_ABOUT");
  PutSeriesTarget("b");
  State(Year(2013), "104.99");
  State(Year(2012), "99");
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables told, Tell());
  EXPECT_EQ(Text(told.progress, "period"), "2013");
  EXPECT_EQ(Value(told.progress, "actual"), (Number{104.99}));
  EXPECT_EQ(Value(told.progress, "baseline"), (Number{85}));
  EXPECT_EQ(Value(told.progress, "progress"), (Number{0.49975}));
  EXPECT_EQ(Value(told.progress, "path_value"), (Number{105}));
  EXPECT_EQ(Text(told.progress, "on_track"), "NO");
  EXPECT_EQ(Text(told.progress, "reached"), "NO");
  EXPECT_EQ(Text(told.progress, "source"), "observationSeries/a vintages/v");
  EXPECT_EQ(Text(told.progress, "status"), "A");
  EXPECT_EQ(Text(told.progress, "flags"), "QUALIFIED");
  EXPECT_EQ(Text(told.progress, "flags", 1), "");
  EXPECT_EQ(Value(told.progress, "path_value", 1).null, NullReason::kNoBaseline);
  EXPECT_EQ(told.like_for_like.row_count, 0u);
  EXPECT_EQ(reader_.reads(), 1) << "a series is read once for all targets";
  question_.period = Span("2012");
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables before, Tell());
  EXPECT_EQ(Value(before.progress, "path_value"), (Number{95}));
  EXPECT_EQ(Text(before.progress, "on_track"), "YES");
}

TEST_F(TargetProgressTest, QualitativeGoalsHaveEvidence) {
  reader_.Put("targets/open",
              absl::StrCat("target { region: 'regions/cn-63' due ", Year(2015), R"pb(
    qualitative {
      statement { texts { key: "en" value: "One card" } texts { key: "zh" value: "一卡通" } }
      status: WORK_STATUS_ACTIVE
      evidence { publisher: "organisations/x" }
      evidence { publisher: "organisations/y" }
    } })pb"));
  question_.targets = {"targets/open"};
  question_.language = "zh-Hans";
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables told, Tell());
  EXPECT_EQ(told.progress.row_count, 0u);
  ASSERT_EQ(told.qualitative.row_count, 1u);
  EXPECT_EQ(Text(told.qualitative, "statement"), "一卡通");
  EXPECT_EQ(Text(told.qualitative, "work_status"), "ACTIVE");
  EXPECT_EQ(FindColumn(told.qualitative, "evidence")->integers[0], 2);
  question_.language = "fr";
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables english, Tell());
  EXPECT_EQ(Text(english.qualitative, "statement"), "One card");
}

TEST_F(TargetProgressTest, AParentHasItsTargetsByName) {
  PutSeriesTarget("b");
  PutSeriesTarget("a");
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables named, Tell());
  EXPECT_THAT(Names(named.progress), ElementsAre("b", "a"));
  question_ = {.parent = "programmes/pilot"};
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables told, Tell());
  EXPECT_THAT(Names(told.progress), ElementsAre("a", "b"));
  EXPECT_EQ(Value(told.progress, "actual").null, NullReason::kNoActual);
  question_ = {.parent = "programmes/none"};
  EXPECT_THAT(Tell(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("parent: no programmes/none")));
  question_ = {.targets = {"targets/a", "targets/none"}};
  EXPECT_THAT(Tell(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("targets[1]: ")));
  for (size_t i = 0; i < kMaxTargets; ++i) PutSeriesTarget(absl::StrCat("more-", i));
  question_ = {.parent = "programmes/pilot"};
  EXPECT_THAT(Tell().status(), ReasonIs("TOO_MANY_TARGETS"));
}

TEST_F(TargetProgressTest, ATokensRegionDecidesWhatIsTold) {
  PutSeriesTarget("inside");
  PutSeriesTarget("outside", "", "regions/cn-33");
  context_.region_scope = "regions/cn-63";
  EXPECT_THAT(Tell(), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("targets/outside")));
  EXPECT_THAT(Tell().status(), ReasonIs("REGION_SCOPE"));
  question_ = {.parent = "programmes/pilot"};
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables told, Tell());
  EXPECT_THAT(Names(told.progress), ElementsAre("inside"));
  context_.region_scope = "regions/gone";
  EXPECT_THAT(Tell().status(), ReasonIs("REGION_SCOPE"));
}

TEST_F(TargetProgressTest, WhatIsDividedByOtherThingsIsNotCompared) {
  PutSeriesTarget("a");
  State(Year(2013), "1", "regions/cn-63",
        "unit { kind: UNIT_KIND_MONEY currency: 'CNY' per: UNIT_PER_PERSON }");
  EXPECT_THAT(Tell().status(), ReasonIs("UNIT_MISMATCH"));
}

// Answers for some years, in 10^8 yuan.
IndicatorEvaluator ByYear(const Calendar* calendar, std::map<std::string, IndicatorValue> values) {
  return [calendar, values](
             const StatisticContext&, std::string_view indicator,
             std::span<const std::string> regions, std::span<const Period> periods,
             std::span<const Query::Filter> filters) -> absl::StatusOr<EvaluatedIndicator> {
    EXPECT_EQ(indicator, "indicators/events");
    EXPECT_EQ(regions.size(), 1u);
    EXPECT_TRUE(filters.empty());
    EvaluatedIndicator told;
    for (const Period& period : periods) {
      const std::string name = calendar->Name(period);
      const auto found = values.find(name);
      told.values.push_back(found == values.end() ? IndicatorValue{.null = NullReason::kNotReported}
                                                  : found->second);
      told.notes.push_back({"PERIOD", name});
    }
    return told;
  };
}

TEST_F(TargetProgressTest, WithoutASeriesTheFormulaIsEvaluated) {
  PutTarget("a", "indicator: 'indicators/events'");
  IndicatorValue of_2012{.value = base::Rational(80)};
  of_2012.status = ValueStatus::kProvisional;
  of_2012.flags = kPartialFlag | kCarriedFlag | kBreakFlag | kQualifiedFlag;
  of_2012.sources = {{"observationSeries/gdp", "vintages/g"}};
  question_.evaluate =
      ByYear(context_.calendar.get(), {{"2012", of_2012}, {"2014", {.value = base::Rational(1)}}});
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables told, Tell());
  // 2014 is not over in February 2014, and 2013 has no value.
  EXPECT_EQ(Text(told.progress, "period"), "2012");
  EXPECT_EQ(Value(told.progress, "actual"), (Number{80}));
  EXPECT_EQ(Text(told.progress, "status"), "P");
  EXPECT_EQ(Text(told.progress, "flags"), "QUALIFIED CARRIED PARTIAL BREAK");
  EXPECT_EQ(Text(told.progress, "source"), "indicators/events, observationSeries/gdp vintages/g");
  ASSERT_EQ(told.progress.notes.size(), 1u);
  EXPECT_EQ(told.progress.notes[0].message, "2012") << "of the period that has the value";
  question_.period = Span("2014");
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables asked, Tell());
  EXPECT_EQ(Value(asked.progress, "actual"), (Number{1}));
  question_.period = Span("2013");
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables none, Tell());
  EXPECT_EQ(Value(none.progress, "actual").null, NullReason::kNotReported);
  EXPECT_EQ(Text(none.progress, "period"), "2013");
  question_.period = Span("2013-Q3");
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables other, Tell());
  EXPECT_EQ(Value(other.progress, "actual").null, NullReason::kPeriodMismatch);
}

TEST_F(TargetProgressTest, ALongWayBackIsWalkedToTheFirstDay) {
  reader_.Put("targets/month", absl::StrCat(R"pb(target {
                                                   region: "regions/cn-63"
                                                   due {
                                                     grain: PERIOD_GRAIN_MONTH
                                                     start { year: 2015 month: 12 day: 1 }
                                                   }
                                                   quantitative { indicator: "indicators/events"
                                                                  kind: GOAL_KIND_AT_LEAST
                                                                  value { value: "1" })pb",
                                            kYuan, "} }"));
  question_.targets = {"targets/month"};
  question_.evaluate = ByYear(context_.calendar.get(), {{"2012-01", {.value = base::Rational(3)}}});
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables told, Tell());
  EXPECT_EQ(Text(told.progress, "period"), "2012-01");
  question_.evaluate = ByYear(context_.calendar.get(), {{"2011-12", {.value = base::Rational(3)}}});
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables none, Tell());
  EXPECT_EQ(Value(none.progress, "actual").null, NullReason::kNotReported);
  EXPECT_EQ(Text(none.progress, "period"), "");
}

TEST_F(TargetProgressTest, WithoutAFormulaOrAnEvaluatorItSaysSo) {
  PutTarget("a", "indicator: 'indicators/consumption'");
  ASSERT_OK_AND_ASSIGN(const TargetProgressTables told, Tell());
  EXPECT_EQ(Value(told.progress, "actual").null, NullReason::kNoActual);
  PutTarget("b", "indicator: 'indicators/events'");
  EXPECT_THAT(Tell().status(), ReasonIs("NEEDS_SERIES"));
  question_.evaluate = [](auto&&...) -> absl::StatusOr<EvaluatedIndicator> {
    return status::InvalidArgument("grain", "too short", "GRAIN_TOO_SHORT");
  };
  EXPECT_THAT(Tell(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("targets/b")));
  EXPECT_THAT(Tell().status(), ReasonIs("GRAIN_TOO_SHORT"));
}

}  // namespace
}  // namespace tidemark::analytics
