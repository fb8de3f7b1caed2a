#include "services/analytics/statistics/indicator/formula_text.h"

#include "common/testing/proto_matchers.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

std::string Text(const std::string& formula) {
  return FormulaText(tidemark::testing::ParseText<catalog::v1::Formula>(formula));
}

TEST(FormulaTextTest, LeavesAreNamed) {
  EXPECT_EQ(Text(R"pb(measure { name: "net" })pb"), "net");
  EXPECT_EQ(Text(R"pb(measure { name: "quantile" quantile: 9500 })pb"), "quantile(9500)");
  EXPECT_EQ(Text(R"pb(measure {
                        name: "net"
                        place: "provider_region"
                        filters { dimension: "category" codes: "b c" codes: "a" }
                        filters { dimension: "channel" codes: "ONLINE" exclude: true }
                        filters { dimension: "age_band" unknown: true }
                      })pb"),
            "net where category in (a, \"b c\") and channel != ONLINE and age_band is unknown by "
            "provider_region");
  EXPECT_EQ(Text(R"pb(constant { value { value: "0.50" } })pb"), "0.50");
  EXPECT_EQ(Text(R"pb(constant {
                        value { value: "3" }
                        unit { kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 8 }
                      })pb"),
            "3 [10^8 CNY]");
  EXPECT_EQ(
      Text(R"pb(series { series: "observationSeries/gdp" region: "regions/cn" carried: true })pb"),
      "observationSeries/gdp of regions/cn carried");
  EXPECT_EQ(Text(R"pb(indicator { indicator: "indicators/x" })pb"), "indicators/x");
}

// A text that reads as another tree would explain a wrong number.
TEST(FormulaTextTest, ParenthesesKeepTheTree) {
  const auto operation = [](const std::string& kind, const std::string& a, const std::string& b) {
    return "operation { kind: OPERATION_KIND_" + kind + " operands { " + a + " } operands { " + b +
           " } }";
  };
  const std::string a = R"pb(measure { name: "gross" })pb", b = R"pb(measure { name: "net" })pb",
                    filtered = R"pb(measure {
                                      name: "net"
                                      filters { dimension: "category" codes: "a" }
                                    })pb";
  EXPECT_EQ(Text(operation("ADD", a, b)), "gross + net");
  EXPECT_EQ(Text(operation("SUBTRACT", a, operation("SUBTRACT", b, a))), "gross - (net - gross)");
  EXPECT_EQ(Text(operation("SUBTRACT", operation("ADD", a, b), a)), "(gross + net) - gross");
  EXPECT_EQ(Text(operation("MULTIPLY", operation("ADD", a, b), b)), "(gross + net) * net");
  EXPECT_EQ(Text(operation("DIVIDE", a, operation("DIVIDE", b, a))), "gross / (net / gross)");
  EXPECT_EQ(Text(operation("ADD", operation("DIVIDE", a, b), b)), "gross / net + net");
  EXPECT_EQ(Text(operation("DIVIDE", filtered, b)), "(net where category = a) / net");
}

TEST(FormulaTextTest, ComparisonsAreFunctions) {
  const auto text = [](const std::string& kind, const std::string& more) {
    return Text("comparison { kind: COMPARISON_KIND_" + kind + " of { measure { name: 'net' } } " +
                more + " }");
  };
  EXPECT_EQ(text("YOY", "form: COMPARISON_FORM_GROWTH"), "yoy(net)");
  EXPECT_EQ(text("YTD_YOY", "form: COMPARISON_FORM_DIFFERENCE"), "ytd_yoy_diff(net)");
  EXPECT_EQ(text("CAGR", "intervals: 10"), "cagr(net, 10)");
  EXPECT_EQ(text("INDEX", "base { grain: PERIOD_GRAIN_YEAR start { year: 2020 month: 1 day: 1 } }"),
            "index(net, 2020)");
  EXPECT_EQ(text("SHARE", "whole { level: REGION_LEVEL_PROVINCE over: 'category' }"),
            "share(net of @province, all category)");
  EXPECT_EQ(text("CONTRIBUTION_RATE", "whole { region: 'regions/cn' }"),
            "contribution_rate(net of regions/cn)");
  EXPECT_EQ(text("PER_CAPITA",
                 "population { kind: POPULATION_KIND_REGISTERED time: POPULATION_TIME_YEAR_END }"),
            "per_capita(net, registered, year_end)");
  EXPECT_EQ(text("RATIO_TO_GDP", ""), "ratio_to_gdp(net)");
}

}  // namespace
}  // namespace tidemark::analytics
