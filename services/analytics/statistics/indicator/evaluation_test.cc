#include "services/analytics/statistics/indicator/evaluation.h"

#include "services/analytics/statistics/indicator/indicator_fixture_test.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

base::Rational Over(__int128 a, __int128 b) { return base::Rational(a) / base::Rational(b); }

constexpr char kPopulation[] = R"pb(
  indicator: "indicators/people"
  form: SERIES_FORM_LEVEL
  unit { kind: UNIT_KIND_PERSONS power_of_ten: 4 }
  denominator { role: DENOMINATOR_ROLE_POPULATION })pb";
constexpr char kProduct[] = R"pb(
  indicator: "indicators/gdp"
  form: SERIES_FORM_LEVEL
  unit { kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 8 }
  denominator { role: DENOMINATOR_ROLE_GDP })pb";

std::string Grows(const std::string& kind, const std::string& of = kNet) {
  return Compared(kind, "form: COMPARISON_FORM_GROWTH", of);
}
std::string Differs(const std::string& kind, const std::string& of = kNet) {
  return Compared(kind, "form: COMPARISON_FORM_DIFFERENCE", of);
}
std::string Operation(const std::string& kind, const std::string& a, const std::string& b) {
  return absl::StrCat("operation { kind: OPERATION_KIND_", kind, " operands { ", a,
                      " } operands { ", b, " } }");
}
constexpr char kRatio[] = "kind: UNIT_KIND_RATIO";
constexpr char kSeriesNode[] = R"pb(series { series: "observationSeries/sales" })pb";
constexpr char kSales[] = R"pb(
  indicator: "indicators/sold"
  form: SERIES_FORM_LEVEL
  unit { kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 4 })pb";

TEST_F(IndicatorTest, AMeasureIsOfThePlaceAndPeriodInTheUnitOfTheIndicator) {
  Buy("2022-03-05", 10'000, "cn-3301");
  Buy("2022-03-06", 2'345, "cn-3302");
  Buy("2022-04-06", 5'000, "cn-31");
  Formula("net", R"pb(kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 4)pb", kNet);
  ASSERT_OK_AND_ASSIGN(const auto all, All("net",
                                           {"regions/cn", "regions/cn-33", "regions/cn-31",
                                            "regions/cn-3301", "regionGroups/pair"},
                                           {"2022-03", "2022-04", "2022-Q1", "2022-03..04"}));
  const int64_t cents[][4] = {{12'345, 5'000, 12'345, 17'345},
                              {12'345, 0, 12'345, 12'345},
                              {0, 5'000, 0, 5'000},
                              {10'000, 0, 10'000, 10'000},
                              {10'000, 5'000, 10'000, 15'000}};
  ASSERT_EQ(all.size(), 20u);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].null, NullReason::kNone);
    EXPECT_EQ(all[i].value, Over(cents[i / 4][i % 4], 1'000'000)) << i;
    EXPECT_EQ(all[i].status, ValueStatus::kNormal);
    EXPECT_TRUE(all[i].exact);
  }
}

TEST_F(IndicatorTest, CountsOfPeopleAreNotAddedUp) {
  Buy("2022-03-05", 100, "cn-3301").pseudonym = "consumer00000001";
  Buy("2022-03-05", 100, "cn-3302").pseudonym = "consumer00000001";
  Buy("2022-04-05", 100, "cn-3302").pseudonym = "consumer00000001";
  Formula("people", "kind: UNIT_KIND_PSEUDONYMS", R"pb(measure { name: "consumers" })pb");
  ASSERT_OK_AND_ASSIGN(const auto all, All("people", {"regions/cn-33", "regions/cn-31"},
                                           {"2022-03", "2022-03..04"}));
  EXPECT_THAT((std::vector<double>{all[0].value.ToDouble(), all[1].value.ToDouble(),
                                   all[2].value.ToDouble(), all[3].value.ToDouble()}),
              ElementsAre(1, 1, 0, 0));
}

TEST_F(IndicatorTest, OperationsAreExact) {
  Buy("2022-03-05", 100, "cn");
  Buy("2022-03-05", 200, "cn", "phone");
  const std::string games = R"pb(measure {
                                   name: "net"
                                   filters { dimension: "category" codes: "game" }
                                 })pb";
  const std::string third = Operation("DIVIDE", games, kNet);
  Formula("third", kRatio, third);
  Formula("thirds", "kind: UNIT_KIND_PERCENT",
          Operation("ADD", third, Operation("ADD", third, third)));
  Formula("less", kRatio, Operation("SUBTRACT", third, third));
  Formula("zero", kRatio, Operation("DIVIDE", kNet, Operation("SUBTRACT", kNet, kNet)));
  Formula("times", kYuan,
          Operation("MULTIPLY", kNet, R"pb(constant { value { value: "0.1" } })pb"));
  Formula("nested", "kind: UNIT_KIND_PERCENT",
          R"pb(indicator { indicator: "indicators/thirds" region: "regions/cn" })pb");
  EXPECT_EQ(One("third", "cn", "2022-03").value, Over(1, 3));
  EXPECT_EQ(One("thirds", "cn", "2022-03").value, base::Rational(100));
  EXPECT_EQ(One("less", "cn", "2022-03").value, base::Rational(0));
  EXPECT_EQ(One("zero", "cn", "2022-03").null, NullReason::kZeroDenominator);
  EXPECT_EQ(One("third", "cn", "2022-04").null, NullReason::kZeroDenominator);
  EXPECT_EQ(One("times", "cn", "2022-03").value, Over(3, 10));
  EXPECT_EQ(One("nested", "cn-31", "2022-03").value, base::Rational(100));
}

TEST_F(IndicatorTest, ComparisonsInTimeFollowTheRules) {
  Buy("2021-03-05", 400, "cn");
  Buy("2021-04-05", 100, "cn");
  Buy("2022-02-05", 1'000, "cn");
  Buy("2022-03-05", 500, "cn");
  GiveBack("2022-05-05", 300, "cn");
  Buy("2023-05-05", 100, "cn");
  Buy("2023-06-05", 100, "cn");
  for (const char* kind : {"YOY", "PREV", "YTD_YOY"}) {
    Formula(std::string(kind), kRatio, Grows(kind));
    Formula(std::string(kind) + "_D", kYuan, Differs(kind));
  }
  Formula("YTD", kYuan, Compared("YTD"));
  Formula("CAGR", kRatio, Compared("CAGR", "intervals: 2"));
  Formula(
      "INDEX", "kind: UNIT_KIND_INDEX",
      Compared("INDEX", "base { grain: PERIOD_GRAIN_MONTH start { year: 2021 month: 3 day: 1 } }"));
  Formula("points", "kind: UNIT_KIND_PERCENTAGE_POINTS",
          Differs("YOY", Operation("DIVIDE", R"pb(measure { name: "refunds" })pb",
                                   R"pb(constant {
                                          value { value: "100" }
                                          unit { kind: UNIT_KIND_MONEY currency: "CNY" }
                                        })pb")));
  EXPECT_EQ(One("YOY", "cn", "2022-03").value, Over(1, 4));
  EXPECT_EQ(One("YOY_D", "cn", "2022-03").value, base::Rational(1));
  EXPECT_EQ(One("PREV", "cn", "2022-03").value, Over(-1, 2));
  EXPECT_EQ(One("PREV_D", "cn", "2022-03").value, base::Rational(-5));
  EXPECT_EQ(One("YTD", "cn", "2022-03").value, base::Rational(15));
  EXPECT_EQ(One("YTD_YOY", "cn", "2022-03").value, Over(11, 4));
  EXPECT_EQ(One("YTD_YOY_D", "cn", "2022-03").value, base::Rational(11));
  EXPECT_EQ(One("CAGR", "cn", "2023-03").value, base::Rational(-1));  // nothing is left of it
  EXPECT_FALSE(One("CAGR", "cn", "2023-03").exact);
  EXPECT_EQ(One("INDEX", "cn", "2022-03").value, base::Rational(125));
  EXPECT_EQ(One("points", "cn", "2022-05").value, base::Rational(3));  // 0 % to 3 %

  EXPECT_EQ(One("YOY", "cn", "2022-02").null, NullReason::kZeroBase);
  EXPECT_EQ(One("YOY", "cn", "2023-05").null, NullReason::kNegativeBase);
  EXPECT_EQ(One("YOY", "cn", "2020-05").null, NullReason::kNoBase);  // before anybody reports
  EXPECT_EQ(One("YOY", "cn", "2024-07").null, NullReason::kPartialPeriod);
  EXPECT_EQ(One("PREV", "cn", "2022-01..02").null, NullReason::kNoBase);
  EXPECT_EQ(One("CAGR", "cn", "2024-05").null, NullReason::kNotPositive);
  EXPECT_EQ(One("INDEX", "cn", "2022").null, NullReason::kPeriodMismatch);
  EXPECT_EQ(One("YTD", "cn", "2019-05").null, NullReason::kNotReported);
  const IndicatorValue partial = One("YTD", "cn", "2024-07");
  EXPECT_EQ(FlagsText(partial.flags), "PARTIAL");
  EXPECT_EQ(StatusLetter(partial.status), "P");
  EXPECT_THAT(All("YTD", {"regions/cn"}, {"2022-W09"}).status(), ReasonIs("GRAIN_TOO_SHORT"));
}

TEST_F(IndicatorTest, SharesAndContributionsAddUp) {
  Buy("2021-03-05", 300, "cn-3301");
  Buy("2021-03-05", 100, "cn-31", "phone");
  Buy("2022-03-05", 500, "cn-3301");
  Buy("2022-03-05", 300, "cn-31", "phone");
  const auto of = [](const std::string& kind, const std::string& whole,
                     const std::string& what = kNet) {
    return Compared(kind, "whole { " + whole + " }", what);
  };
  const std::string nation = "level: REGION_LEVEL_NATION";
  Formula("share", "kind: UNIT_KIND_PERCENT", of("SHARE", nation));
  Formula("in province", kRatio, of("SHARE", "level: REGION_LEVEL_PROVINCE"));
  Formula("games", kRatio,
          of("SHARE", "over: 'category'", R"pb(measure {
                                                 name: "net"
                                                 filters { dimension: "category" codes: "game" }
                                               })pb"));
  Formula("contribution", "kind: UNIT_KIND_PERCENTAGE_POINTS", of("CONTRIBUTION", nation));
  Formula("rate", kRatio, of("CONTRIBUTION_RATE", "region: 'regions/cn'"));
  Formula("people", kRatio, of("SHARE", nation, R"pb(measure { name: "consumers" })pb"));
  EXPECT_EQ(One("share", "cn-33", "2022-03").value, Over(125, 2));
  EXPECT_EQ(One("share", "cn-31", "2022-03").value, Over(75, 2));
  EXPECT_EQ(One("in province", "cn-3301", "2022-03").value, base::Rational(1));
  EXPECT_EQ(One("in province", "cn", "2022-03").null, NullReason::kNoDenominator);
  EXPECT_EQ(One("in province", "regionGroups/pair", "2022-03").null, NullReason::kNoDenominator);
  EXPECT_EQ(One("share", "cn-33", "2022-04").null, NullReason::kZeroDenominator);
  EXPECT_EQ(One("games", "cn", "2022-03").value, Over(5, 8));
  EXPECT_EQ(One("games", "cn-31", "2022-03").value, base::Rational(0));
  EXPECT_EQ(One("contribution", "cn-33", "2022-03").value, base::Rational(50));
  EXPECT_EQ(One("contribution", "cn-31", "2022-03").value, base::Rational(50));
  EXPECT_EQ(One("rate", "cn-33", "2022-03").value, Over(1, 2));
  EXPECT_EQ(One("rate", "cn-33", "2022-04").null, NullReason::kNoChange);
  EXPECT_EQ(One("contribution", "cn-33", "2022-04").null, NullReason::kZeroBase);
  EXPECT_EQ(One("people", "cn-33", "2022-03").null, NullReason::kNotAdditive);
}

TEST_F(IndicatorTest, FiguresAreTakenAsStated) {
  Formula("sold", kYuan, "");
  Series("sales", kSales);
  reader_.Figure("sales", "cn", "2021", "1.50").set_qualifier(catalog::v1::QUALIFIER_NEARLY);
  auto& revised = reader_.Figure("sales", "cn", "2022", "3");
  revised.set_break_before(true);
  revised.set_status(catalog::v1::OBSERVATION_STATUS_ESTIMATED);
  reader_.Figure("sales", "cn", "2023", "");
  auto& kept = reader_.Figure("sales", "cn", "2024", "");
  kept.set_status(catalog::v1::OBSERVATION_STATUS_SUPPRESSED);
  Formula("level", kYuan, kSeriesNode);
  Formula("growth", kRatio, Grows("YOY", kSeriesNode));
  Formula("carried", kYuan,
          R"pb(series { series: "observationSeries/sales" region: "regions/cn" carried: true })pb");
  const IndicatorValue level = One("level", "cn", "2021");
  EXPECT_EQ(level.value, base::Rational(15'000));
  EXPECT_EQ(FlagsText(level.flags), "QUALIFIED");
  EXPECT_THAT(level.sources, ElementsAre(ValueSource{"observationSeries/sales", "vintages/v1"}));
  const IndicatorValue growth = One("growth", "cn", "2022");
  EXPECT_EQ(growth.value, base::Rational(1));
  EXPECT_EQ(FlagsText(growth.flags), "QUALIFIED BREAK");
  EXPECT_EQ(StatusLetter(growth.status), "E");
  EXPECT_EQ(One("growth", "cn", "2021").null, NullReason::kNoBase);
  EXPECT_EQ(One("level", "cn", "2023").null, NullReason::kNoData);
  EXPECT_EQ(One("level", "cn", "2024").null, NullReason::kSuppressed);
  EXPECT_EQ(One("level", "cn-31", "2022").null, NullReason::kNoData);
  // From the last year that states one, for whatever place is asked for.
  const IndicatorValue carried = One("carried", "cn-31", "2023");
  EXPECT_EQ(carried.value, base::Rational(30'000));
  EXPECT_EQ(FlagsText(carried.flags), "CARRIED BREAK");
  EXPECT_EQ(One("carried", "cn", "2024").null, NullReason::kSuppressed);
  EXPECT_EQ(One("carried", "cn", "2020").null, NullReason::kNoData);
  EXPECT_THAT(
      All("level", {"regions/cn"}, {"2022"}, {{.dimension = "channel", .codes = {"online"}}})
          .status(),
      ReasonIs("FILTERS_NOT_APPLICABLE"));
}

TEST_F(IndicatorTest, PerHeadAndToProduct) {
  Buy("2022-03-05", 30'000'000, "cn");
  Buy("2023-03-05", 30'000'000, "cn");
  Formula("people", "kind: UNIT_KIND_PERSONS", "");
  Formula("gdp", kYuan, "");
  Series("people", kPopulation);
  Series("gdp", kProduct);
  reader_.Figure("people", "cn", "2022", "0.5");
  reader_.Figure("gdp", "cn", "2022", "0.3");
  reader_.Figure("people", "cn-31", "2022", "0");
  Formula("head", R"pb(kind: UNIT_KIND_MONEY currency: "CNY" per: UNIT_PER_PERSON)pb",
          Compared("PER_CAPITA"));
  Formula("registered", R"pb(kind: UNIT_KIND_MONEY currency: "CNY" per: UNIT_PER_PERSON)pb",
          Compared("PER_CAPITA", "population { kind: POPULATION_KIND_REGISTERED }"));
  Formula("product", "kind: UNIT_KIND_PERCENT", Compared("RATIO_TO_GDP"));
  EXPECT_EQ(One("head", "cn", "2022").value, base::Rational(60));
  EXPECT_EQ(One("head", "cn", "2022").flags, 0);
  EXPECT_EQ(FlagsText(One("head", "cn", "2023").flags), "CARRIED");
  EXPECT_EQ(FlagsText(One("head", "cn", "2022-Q1").flags), "PART_YEAR");
  EXPECT_EQ(One("head", "cn", "2021").null, NullReason::kNoDenominator);
  EXPECT_EQ(One("head", "cn-31", "2022").null, NullReason::kZeroDenominator);
  EXPECT_EQ(One("registered", "cn", "2022").null, NullReason::kNoDenominator);
  EXPECT_EQ(One("product", "cn", "2022").value, base::Rational(1));
  EXPECT_EQ(One("product", "cn", "2023").null, NullReason::kPeriodMismatch);  // never carried
  EXPECT_EQ(One("product", "cn-31", "2022").null, NullReason::kNoDenominator);
}

TEST_F(IndicatorTest, EveryNodeIsExplainedOnceBeforeItsParts) {
  Buy("2021-03-05", 400, "cn");
  Buy("2022-03-05", 500, "cn");
  Formula("inner", kYuan, kNet);
  Formula("outer", kRatio, Grows("YOY", R"pb(indicator { indicator: "indicators/inner" })pb"));
  const std::vector<std::string> regions = {"regions/cn"};
  const std::vector<Period> periods = {Named("2022-03")};
  ASSERT_OK_AND_ASSIGN(const Evaluation told,
                       EvaluateFormula(Context(), "indicators/outer", regions, periods, {}, true));
  EXPECT_EQ(told.formula, "yoy(indicators/inner)");
  EXPECT_EQ(told.indicator_version, 3u);
  std::vector<std::string> lines;
  for (const ExplainedNode& node : told.nodes) {
    lines.push_back(absl::StrCat(node.path, " ", calendar_->Name(node.period), " ", node.text, " ",
                                 node.value.value, node.query ? " asked" : ""));
  }
  EXPECT_THAT(lines, ElementsAre("comparison 2022-03 yoy(indicators/inner) 0.25",
                                 "comparison.of.indicator 2022-03 indicators/inner 5",
                                 "comparison.of.indicator.formula.measure 2022-03 net 5 asked",
                                 "comparison.of.indicator 2021-03 indicators/inner 4",
                                 "comparison.of.indicator.formula.measure 2021-03 net 4 asked"));
  const Table values = ValuesTable(Context(), told);
  EXPECT_EQ(values.row_count, 1u);
  EXPECT_EQ(values.columns.back().name, "flags");
}

// What is the same is computed once: a walk of every path of this one would not end.
TEST_F(IndicatorTest, IndicatorsOfIndicatorsAreComputedOnce) {
  Buy("2022-03-05", 100, "cn");
  Formula("i0", kYuan, kNet);
  for (int i = 1; i <= 17; ++i) {
    const std::string below = absl::StrCat("indicator { indicator: 'indicators/i", i - 1, "' }");
    Formula(absl::StrCat("i", i), kYuan, Operation("ADD", below, Operation("ADD", below, below)));
  }
  __int128 power = 1;
  for (int i = 0; i < 16; ++i) power *= 3;
  EXPECT_EQ(One("i16", "cn", "2022-03").value, base::Rational(power));
  EXPECT_THAT(All("i17", {"regions/cn"}, {"2022-03"}).status(), ReasonIs("TOO_DEEP"));
  EXPECT_THAT(All("i0", {"regions/cn"}, std::vector<std::string>(100'001, "2022-03")).status(),
              ReasonIs("TOO_MANY_ROWS"));
}

TEST_F(IndicatorTest, WhatCannotBeComputedIsRefused) {
  Formula("only reported", kYuan, "");
  Formula("net", kYuan, kNet, type::v1::PERIOD_GRAIN_QUARTER);
  Formula("fiscal", kYuan, Compared("YTD"), type::v1::PERIOD_GRAIN_DAY);
  EXPECT_THAT(All("only reported", {"regions/cn"}, {"2022"}).status(), ReasonIs("NO_FORMULA"));
  EXPECT_THAT(All("missing", {"regions/cn"}, {"2022"}).status(),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(All("net", {"regions/cn"}, {"2022-03"}).status(), ReasonIs("GRAIN_TOO_SHORT"));
  EXPECT_THAT(All("fiscal", {"regions/cn"}, {"2022-03-05"}).status(), ReasonIs("GRAIN_INVALID"));
  const absl::Status nowhere = All("net", {"regions/cn", "regions/nowhere"}, {"2022"}).status();
  EXPECT_EQ(status::FieldOf(nowhere), "regions[1]");
  EXPECT_THAT(nowhere, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(status::FieldOf(All("net", {"cn"}, {"2022"}).status()), "regions[0]");
}

}  // namespace
}  // namespace tidemark::analytics
