#include "services/catalog/observations/observation_fixture.h"

namespace tidemark::catalog::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;
using enum absl::StatusCode;

using ObservationRulesTest = ObservationTest;

constexpr char kGrowthUnit[] = "unit { kind: UNIT_KIND_PERCENT } ";
constexpr char kOfGdp[] = "indicator: \"indicators/gdp\" ";
constexpr char kMoney[] = "unit { kind: UNIT_KIND_MONEY currency: \"CNY\" power_of_ten: 8 } ";
constexpr char kPersons[] = "unit { kind: UNIT_KIND_PERSONS power_of_ten: 4 } ";

std::string Gdp2020(const std::string& value) {
  return SeriesCells("gdp", RegionCells("cn-33", Cell(Year(2020), value)));
}

TEST_F(ObservationRulesTest, FormsNeedTheirFieldsAndRefuseOthers) {
  EXPECT_OK(Apply(SeriesText("growth", absl::StrCat(kOfGdp, kGrowthUnit,
                                                    "form: SERIES_FORM_GROWTH_ON_YEAR "
                                                    "basis: SERIES_BASIS_COMPARABLE "))));
  EXPECT_THAT(Apply(SeriesText(
                  "g2", absl::StrCat(kOfGdp, kGrowthUnit, "form: SERIES_FORM_GROWTH_ON_YEAR "))),
              StatusIs(kInvalidArgument, HasSubstr("observation_series.basis: ")));
  EXPECT_THAT(Apply(SeriesText(
                  "l", absl::StrCat(kOfGdp, kMoney,
                                    "form: SERIES_FORM_LEVEL basis: SERIES_BASIS_COMPARABLE "))),
              StatusIs(kInvalidArgument, HasSubstr("observation_series.basis: ")));
  EXPECT_THAT(Apply(SeriesText("c", absl::StrCat(kOfGdp, kMoney,
                                                 "form: SERIES_FORM_LEVEL "
                                                 "price_basis: PRICE_BASIS_CONSTANT "))),
              StatusIs(kInvalidArgument, HasSubstr("observation_series.price_base: ")));
  EXPECT_THAT(Apply(SeriesText("i", absl::StrCat(kOfGdp, "unit { kind: UNIT_KIND_INDEX } ",
                                                 "form: SERIES_FORM_INDEX "))),
              StatusIs(kInvalidArgument, HasSubstr("observation_series.index_base: ")));
  EXPECT_THAT(Apply(SeriesText("w", absl::StrCat(kOfGdp, kMoney,
                                                 "form: SERIES_FORM_LEVEL "
                                                 "whole_region: \"regions/cn\" "))),
              StatusIs(kInvalidArgument, HasSubstr("observation_series.whole_region: ")));
}

TEST_F(ObservationRulesTest, SlicesAreOfDimensionsAndCodesOfEvents) {
  const auto slice = [](const std::string& dimension, const std::string& code) {
    return SeriesText("part",
                      absl::StrCat(kOfGdp, kMoney, "form: SERIES_FORM_LEVEL slices { dimension: '",
                                   dimension, "' code: '", code, "' } "));
  };
  EXPECT_OK(Apply(slice("area_type", "RURAL")));
  EXPECT_OK(Apply(slice("age_band", "60+")));
  EXPECT_THAT(
      Apply(slice("area_type", "rural")),
      AllOf(StatusIs(kInvalidArgument, HasSubstr("slices[0].code")), ReasonIs("UNKNOWN_CODE")));
  EXPECT_THAT(Apply(slice("consumer_region", "cn")), ReasonIs("UNKNOWN_DIMENSION"));
}

TEST_F(ObservationRulesTest, UnitsFitTheFormAndTheIndicator) {
  EXPECT_THAT(Apply(SeriesText("s", absl::StrCat(kOfGdp, kMoney, "form: SERIES_FORM_SHARE "))),
              AllOf(StatusIs(kInvalidArgument, HasSubstr("observation_series.unit.kind")),
                    ReasonIs("UNIT_MISMATCH")));
  EXPECT_THAT(Apply(SeriesText("p", absl::StrCat(kOfGdp, kPersons, "form: SERIES_FORM_LEVEL "))),
              AllOf(StatusIs(kFailedPrecondition), ReasonIs("UNIT_MISMATCH")));
  const std::string points =
      "unit { kind: UNIT_KIND_PERCENTAGE_POINTS } form: SERIES_FORM_GROWTH_ON_YEAR "
      "basis: SERIES_BASIS_COMPARABLE ";
  EXPECT_THAT(Apply(SeriesText("pp", absl::StrCat(kOfGdp, points))),
              AllOf(StatusIs(kFailedPrecondition), ReasonIs("UNIT_MISMATCH")));
  EXPECT_OK(
      Apply(SeriesText("pp", absl::StrCat("indicator: \"indicators/online-share\" ", points))));
}

TEST_F(ObservationRulesTest, NoTwoSeriesServeAsTheSameDenominator) {
  const std::string population =
      absl::StrCat("indicator: \"indicators/population\" form: SERIES_FORM_LEVEL ", kPersons,
                   "denominator { role: DENOMINATOR_ROLE_POPULATION preference: ");
  EXPECT_OK(Apply(SeriesText("p1", population + "1 }")));
  EXPECT_THAT(Apply(SeriesText("p2", population + "1 }")),
              AllOf(StatusIs(kFailedPrecondition, HasSubstr("observationSeries/p1")),
                    ReasonIs("AMBIGUOUS_DENOMINATOR")));
  EXPECT_THAT(Apply(SeriesText("p3", population + "3 }") + SeriesText("p4", population + "3 }")),
              ReasonIs("AMBIGUOUS_DENOMINATOR"));
  // Resident and middle of the year is what no basis means.
  EXPECT_THAT(
      Apply(SeriesText("p5", population + "1 } population { kind: POPULATION_KIND_RESIDENT }")),
      ReasonIs("AMBIGUOUS_DENOMINATOR"));
  EXPECT_OK(
      Apply(SeriesText("p5", population + "1 } population { kind: POPULATION_KIND_REGISTERED }")));
  EXPECT_OK(Apply(SeriesText("p2", population + "2 }")));
  // Two may change places in one request.
  EXPECT_OK(Apply(SeriesText("p1", population + "2 }") + SeriesText("p2", population + "1 }")));
  EXPECT_THAT(Apply(SeriesText("g", absl::StrCat(kOfGdp, kMoney,
                                                 "form: SERIES_FORM_LEVEL denominator { role: "
                                                 "DENOMINATOR_ROLE_POPULATION }"))),
              ReasonIs("UNIT_MISMATCH"));
}

TEST_F(ObservationRulesTest, ASeriesIsFixedOnceACellIsStated) {
  const auto series = [](int power, const std::string& more) {
    return SeriesText("money", absl::StrCat(kOfGdp,
                                            "form: SERIES_FORM_LEVEL unit { kind: "
                                            "UNIT_KIND_MONEY currency: \"CNY\" power_of_ten: ",
                                            power, " } ", more));
  };
  ASSERT_OK(Apply(series(8, "")));
  ASSERT_OK(Apply(series(4, "")));
  ASSERT_OK(Apply(VintageText(
      "v", Source(2021) + SeriesCells("money", RegionCells("cn", Cell(Year(2020), "1"))))));
  EXPECT_THAT(Apply(series(8, "")), AllOf(StatusIs(kFailedPrecondition, HasSubstr("vintages/v")),
                                          ReasonIs("IMMUTABLE_FIELD")));
  EXPECT_OK(Apply(series(4, "code: \"A01\" grains: PERIOD_GRAIN_YEAR ")));
}

TEST_F(ObservationRulesTest, AVintageIsFixedButForItsWithdrawal) {
  const std::string stated = Source(2021) + Gdp2020("64613");
  ASSERT_OK(Apply(VintageText("v", stated)));
  EXPECT_OK(Apply(VintageText("v", stated)));
  EXPECT_THAT(Apply(VintageText("v", Source(2021) + Gdp2020("64613.3"))),
              ReasonIs("IMMUTABLE_FIELD"));
  EXPECT_THAT(Apply(VintageText("v", stated + "withdrawn: true")),
              StatusIs(kInvalidArgument, HasSubstr("withdrawal_reason: ")));
  ASSERT_OK(Apply(VintageText("v", stated + "withdrawn: true withdrawal_reason: \"错年份\"")));
  EXPECT_THAT(Apply(VintageText("v", stated)), ReasonIs("IMMUTABLE_FIELD"));
}

TEST_F(ObservationRulesTest, CellsAreWholeAndStateAPeriodOnce) {
  const auto vintage = [&](const std::string& cells, const std::string& more = "") {
    return Apply(
        VintageText("v", Source(2021) + SeriesCells("gdp", RegionCells("cn-33", cells)) + more));
  };
  EXPECT_THAT(vintage(""), StatusIs(kInvalidArgument, HasSubstr("states no cell")));
  EXPECT_THAT(
      vintage("cells { " + Year(2020) + " }"),
      StatusIs(kInvalidArgument, HasSubstr("vintage.series[0].regions[0].cells[0].value: ")));
  EXPECT_THAT(vintage("cells { " + Year(2020) +
                      " value { value: \"1\" } status: OBSERVATION_STATUS_MISSING }"),
              StatusIs(kInvalidArgument, HasSubstr("cells[0].value: ")));
  EXPECT_THAT(vintage("cells { " + Year(2020) + " value { value: \"1\" } divisor: 1 }"),
              StatusIs(kInvalidArgument, HasSubstr("cells[0].divisor: ")));
  EXPECT_THAT(vintage("cells { " + Year(2020) + " value { value: \"1\" } note: 2 }",
                      "notes { texts { key: \"zh\" value: \"初步核算\" } }"),
              StatusIs(kInvalidArgument, HasSubstr("cells[0].note: ")));
  // Twelve months are the year.
  EXPECT_THAT(
      vintage(Cell(Year(2020), "1") + Cell(Months(2020, 1, 12), "1")),
      AllOf(StatusIs(kInvalidArgument, HasSubstr("cells[1].period: ")), ReasonIs("DUPLICATE")));
  EXPECT_THAT(
      Apply(VintageText("v", "source { publisher: \"organisations/nbs\" } " + Gdp2020("1"))),
      StatusIs(kInvalidArgument, HasSubstr("source.published")));
  EXPECT_OK(vintage("cells { " + Year(2020) + " status: OBSERVATION_STATUS_SUPPRESSED } " +
                    Cell(Year(2021), "-0.5")));
}

TEST_F(ObservationRulesTest, ASeriesTakesItsGrainsAndLongerCumulativePeriods) {
  ASSERT_OK(Apply(SeriesText("monthly", absl::StrCat(kOfGdp, kMoney,
                                                     "form: SERIES_FORM_LEVEL "
                                                     "grains: PERIOD_GRAIN_MONTH "))));
  const auto vintage = [&](const std::string& id, const std::string& period) {
    return Apply(VintageText(
        id, Source(2021) + SeriesCells("monthly", RegionCells("cn", Cell(period, "1")))));
  };
  EXPECT_OK(vintage("a", Months(2020, 3, 1)));
  EXPECT_OK(vintage("b", Months(2020, 1, 2)));
  EXPECT_OK(vintage("c", Months(2020, 1, 3)));
  EXPECT_THAT(vintage("d", Year(2020)),
              AllOf(StatusIs(kFailedPrecondition), ReasonIs("GRAIN_NOT_TAKEN")));
}

}  // namespace
}  // namespace tidemark::catalog::testing
