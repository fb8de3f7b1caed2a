#include "services/catalog/observations/observation_fixture.h"

namespace tidemark::catalog::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using enum absl::StatusCode;

class IndicatorRulesTest : public ObservationTest {
 protected:
  absl::Status ApplyFormula(const std::string& formula, const std::string& unit,
                            const std::string& more = "", const std::string& id = "x") {
    return Apply(
        absl::StrCat("resources { name: 'indicators/", id, "' indicator { unit { ", unit,
                     " } frequency: PERIOD_GRAIN_MONTH additivity: ADDITIVITY_NONE method { "
                     "texts { key: 'en' value: 'm' } } ",
                     more, " formula { ", formula, " } } }"));
  }
};

constexpr char kMoney[] = "kind: UNIT_KIND_MONEY currency: 'CNY'";
constexpr char kRatio[] = "kind: UNIT_KIND_RATIO";
constexpr char kNet[] = "measure { name: 'net' }";

std::string Operation(const std::string& kind, std::initializer_list<std::string> operands) {
  std::string text = absl::StrCat("operation { kind: OPERATION_KIND_", kind, " ");
  for (const std::string& operand : operands) absl::StrAppend(&text, "operands { ", operand, " } ");
  return text + "}";
}
std::string Comparison(const std::string& kind, const std::string& of,
                       const std::string& more = "") {
  return absl::StrCat("comparison { kind: COMPARISON_KIND_", kind, " of { ", of, " } ", more, " }");
}

TEST_F(IndicatorRulesTest, WordsAreThoseOfQueries) {
  EXPECT_OK(
      ApplyFormula("measure { name: 'net' filters { dimension: 'category' codes: 'software' } "
                   "filters { dimension: 'information_content' codes: 'DIRECT' } }",
                   kMoney));
  EXPECT_THAT(ApplyFormula("measure { name: 'nett' }", kMoney),
              AllOf(StatusIs(kInvalidArgument, HasSubstr("indicator.formula.measure.name")),
                    ReasonIs("UNKNOWN_MEASURE")));
  EXPECT_THAT(
      ApplyFormula("measure { name: 'net' filters { dimension: 'colour' codes: 'x' } }", kMoney),
      ReasonIs("UNKNOWN_DIMENSION"));
  EXPECT_THAT(ApplyFormula("measure { name: 'net' filters { dimension: 'channel' } }", kMoney),
              StatusIs(kInvalidArgument, HasSubstr("filters[0].codes")));
  EXPECT_THAT(ApplyFormula("measure { name: 'quantile' }", kMoney),
              StatusIs(kInvalidArgument, HasSubstr("measure.quantile")));
  EXPECT_THAT(ApplyFormula("measure { name: 'net' place: 'here' }", kMoney),
              StatusIs(kInvalidArgument, HasSubstr("measure.place")));
}

TEST_F(IndicatorRulesTest, NodesHaveWhatTheyNeedAndNothingElse) {
  EXPECT_THAT(ApplyFormula("", kMoney), StatusIs(kInvalidArgument, HasSubstr("formula")));
  EXPECT_THAT(ApplyFormula(Operation("DIVIDE", {kNet}), kRatio),
              StatusIs(kInvalidArgument, HasSubstr("operands")));
  EXPECT_THAT(ApplyFormula(Comparison("YOY", kNet), kRatio),
              StatusIs(kInvalidArgument, HasSubstr("comparison.form")));
  EXPECT_THAT(ApplyFormula(Comparison("CAGR", kNet), kRatio),
              StatusIs(kInvalidArgument, HasSubstr("comparison.intervals")));
  EXPECT_THAT(ApplyFormula(Comparison("SHARE", kNet, "whole {}"), kRatio),
              StatusIs(kInvalidArgument, HasSubstr("comparison.whole")));
  EXPECT_THAT(ApplyFormula(Comparison("YTD", kNet, "population {}"), kMoney),
              StatusIs(kInvalidArgument, HasSubstr("comparison.population")));
  EXPECT_OK(ApplyFormula(Comparison("SHARE", kNet, "whole { over: 'category' }"),
                         "kind: UNIT_KIND_PERCENT"));
}

TEST_F(IndicatorRulesTest, FormulasAreBounded) {
  std::string deep = kNet;
  for (int i = 0; i < 15; ++i) deep = Comparison("YTD", deep);
  EXPECT_OK(ApplyFormula(deep, kMoney));
  EXPECT_THAT(ApplyFormula(Comparison("YTD", deep), kMoney, "", "y"),
              ReasonIs("FORMULA_TOO_LARGE"));
  std::string wide = "operation { kind: OPERATION_KIND_ADD ";
  for (int i = 0; i < 60; ++i) absl::StrAppend(&wide, "operands { ", kNet, " } ");
  wide += "}";
  EXPECT_OK(ApplyFormula(Operation("ADD", {wide, wide, wide, wide}), kMoney, "", "z"));
  EXPECT_THAT(ApplyFormula(Operation("ADD", {wide, wide, wide, wide, wide}), kMoney, "", "w"),
              ReasonIs("FORMULA_TOO_LARGE"));
}

TEST_F(IndicatorRulesTest, UnitsAreCheckedNodeByNode) {
  const std::string consumers = "measure { name: 'consumers' }";
  const std::string persons =
      "constant { value { value: '940' } unit { kind: UNIT_KIND_PERSONS } }";
  const std::string dollars =
      "constant { value { value: '5' } unit { kind: UNIT_KIND_MONEY currency: 'USD' } }";
  EXPECT_THAT(
      ApplyFormula(Operation("ADD", {kNet, consumers}), kMoney),
      AllOf(StatusIs(kFailedPrecondition, HasSubstr("indicator.formula.operation.operands[1]")),
            ReasonIs("UNIT_MISMATCH")));
  EXPECT_THAT(ApplyFormula(Operation("SUBTRACT", {kNet, dollars}), kMoney),
              ReasonIs("UNIT_MISMATCH"));
  EXPECT_THAT(ApplyFormula(Operation("MULTIPLY", {kNet, kNet}), kMoney), ReasonIs("UNIT_MISMATCH"));
  EXPECT_THAT(ApplyFormula(Operation("DIVIDE", {kNet, consumers}), kMoney),
              ReasonIs("UNIT_MISMATCH"));
  EXPECT_OK(ApplyFormula(Operation("DIVIDE", {kNet, persons}),
                         absl::StrCat(kMoney, " per: UNIT_PER_PERSON")));
  EXPECT_OK(ApplyFormula(Comparison("PER_CAPITA", kNet),
                         absl::StrCat(kMoney, " power_of_ten: 4 per: UNIT_PER_PERSON"), "", "pc"));
  // Shares have differences, not growth.
  const std::string share = Comparison("SHARE", kNet, "whole { over: 'category' }");
  EXPECT_THAT(
      ApplyFormula(Comparison("YOY", share, "form: COMPARISON_FORM_GROWTH"), kRatio, "", "g"),
      ReasonIs("UNIT_MISMATCH"));
  EXPECT_OK(ApplyFormula(Comparison("YOY", share, "form: COMPARISON_FORM_DIFFERENCE"),
                         "kind: UNIT_KIND_PERCENTAGE_POINTS", "", "d"));
  EXPECT_THAT(ApplyFormula(kNet, kRatio, "", "r"), ReasonIs("UNIT_MISMATCH"));
  EXPECT_THAT(ApplyFormula("series { series: 'observationSeries/gdp' }", kRatio, "", "s"),
              ReasonIs("UNIT_MISMATCH"));
  EXPECT_OK(ApplyFormula(Operation("DIVIDE", {kNet, "series { series: 'observationSeries/gdp' }"}),
                         "kind: UNIT_KIND_PERCENT", "", "togdp"));
  EXPECT_THAT(
      ApplyFormula("series { series: 'observationSeries/gdp' carried: true }", kMoney, "", "c"),
      StatusIs(kFailedPrecondition, HasSubstr("series.carried")));
}

TEST_F(IndicatorRulesTest, IndicatorsStandOnOthersWithoutACycle) {
  const auto on = [](const std::string& id) {
    return absl::StrCat("indicator { indicator: 'indicators/", id, "' }");
  };
  EXPECT_THAT(ApplyFormula(on("gdp"), kMoney, "", "a"),
              StatusIs(kFailedPrecondition, HasSubstr("has no formula")));
  EXPECT_OK(ApplyFormula(kNet, kMoney, "", "a"));
  EXPECT_OK(ApplyFormula(on("a"), kMoney, "", "b"));
  EXPECT_THAT(ApplyFormula(on("b"), kMoney, "", "a"), ReasonIs("CYCLE"));
  EXPECT_THAT(ApplyFormula(on("c"), kMoney, "", "c"), ReasonIs("CYCLE"));
  EXPECT_OK(ApplyFormula(kNet, kMoney, "", "i1"));
  for (int i = 2; i <= 16; ++i) {
    EXPECT_OK(ApplyFormula(on(absl::StrCat("i", i - 1)), kMoney, "", absl::StrCat("i", i)));
  }
  EXPECT_THAT(ApplyFormula(on("i16"), kMoney, "", "i17"), ReasonIs("TOO_DEEP"));
}

TEST_F(IndicatorRulesTest, WhatValuesCountCannotChangeHowTheyAreShownCan) {
  EXPECT_OK(ApplyFormula(kNet, kMoney));
  EXPECT_OK(ApplyFormula(kNet, absl::StrCat(kMoney, " power_of_ten: 8")));
  EXPECT_THAT(
      ApplyFormula(Comparison("PER_CAPITA", kNet), absl::StrCat(kMoney, " per: UNIT_PER_PERSON")),
      AllOf(StatusIs(kFailedPrecondition, HasSubstr("indicator.unit")),
            ReasonIs("IMMUTABLE_FIELD")));
}

TEST_F(IndicatorRulesTest, ProductionIsNotComputedFromConsumption) {
  const std::string concept_field = "official_concept: OFFICIAL_CONCEPT_CORE_DIGITAL_VALUE_ADDED";
  EXPECT_THAT(ApplyFormula(Comparison("YTD", kNet), kMoney, concept_field),
              AllOf(StatusIs(kInvalidArgument), ReasonIs("CONCEPT_REPORTED_ONLY")));
  EXPECT_OK(ApplyFormula("series { series: 'observationSeries/gdp' }", kMoney, concept_field));
}

}  // namespace
}  // namespace tidemark::catalog::testing
