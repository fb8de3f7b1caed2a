#include "services/analytics/statistics/indicator/crossed_figures.h"

#include "services/analytics/statistics/indicator/indicator_fixture_test.h"
#include "services/analytics/statistics/indicator/reconcile.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

using base::Rational;

constexpr char kSalesNode[] = R"pb(series { series: "observationSeries/sales" })pb";

// On 1 July 2023 cn-3301 gives cn-3302 a quarter of its people and 40 % of its product, and cn-31
// is merged into cn-33; from then on the group `club` is cn-3302, and before it was cn-3301.
class CrossedFiguresTest : public IndicatorTest {
 protected:
  CrossedFiguresTest() {
    world_.groups.push_back({"club",
                             {{"regions/cn-3301", {}, testing::NaiveDate{2023, 7, 1}},
                              {"regions/cn-3302", testing::NaiveDate{2023, 7, 1}, {}}},
                             0});
    more_catalog_ = [](catalog_client::CatalogBuilder* catalog) {
      using catalog_client::RegionLevel;
      const auto give = [&](catalog::v1::Region& from, const char* to,
                            catalog::v1::CrosswalkBasis basis, const char* weight) {
        auto& successor = *from.add_successors();
        successor.set_region(to);
        successor.set_basis(basis);
        catalog_client::SetDate({2023, 7, 1}, successor.mutable_date());
        if (weight != nullptr) successor.mutable_weight()->set_value(weight);
      };
      auto& divided = catalog->Region("cn-3301", RegionLevel::kCity, "cn-33");
      give(divided, "regions/cn-3302", catalog::v1::CROSSWALK_BASIS_POPULATION, "0.25");
      give(divided, "regions/cn-3302", catalog::v1::CROSSWALK_BASIS_GDP, "0.4");
      give(catalog->Region("cn-31", RegionLevel::kProvince, "cn"), "regions/cn-33",
           catalog::v1::CROSSWALK_BASIS_WHOLE, nullptr);
    };
    Formula("sold", kYuan, "");
    Series("sales", R"pb(indicator: "indicators/sold"
                         form: SERIES_FORM_LEVEL
                         unit { kind: UNIT_KIND_MONEY currency: "CNY" })pb");
    Formula("growth", "kind: UNIT_KIND_RATIO", Compared("YOY", "", kSalesNode));
    Formula("level", kYuan, kSalesNode);
  }

  static void ExpectIs(const IndicatorValue& got, const Rational& value, bool weighed) {
    EXPECT_EQ(got.null, NullReason::kNone);
    EXPECT_EQ(got.value.ToDouble(), value.ToDouble());
    EXPECT_EQ(FlagsText(got.flags), weighed ? "CROSSWALK" : "");
    EXPECT_EQ(StatusLetter(got.status), weighed ? "E" : "A");
  }
};

TEST_F(CrossedFiguresTest, AComparisonIsOfTheLaterBoundaries) {
  reader_.Figure("sales", "cn-3301", "2022", "100");
  reader_.Figure("sales", "cn-3302", "2022", "50");
  reader_.Figure("sales", "cn-3301", "2023", "66");
  reader_.Figure("sales", "cn-3302", "2023", "99");
  reader_.Figure("sales", "cn-31", "2022", "10");
  reader_.Figure("sales", "cn-33", "2022", "150");
  reader_.Figure("sales", "cn-33", "2023", "200");
  // 100 less 40, 50 and 40, 150 and 10.
  ExpectIs(One("growth", "cn-3301", "2023"), Rational(1) / 10, true);
  ExpectIs(One("growth", "cn-3302", "2023"), Rational(1) / 10, true);
  ExpectIs(One("growth", "cn-33", "2023"), Rational(1) / 4, false);
  ExpectIs(One("growth", "cn-31", "2023"), Rational(1) / 4, false);
  // What is not compared is as it was stated.
  ExpectIs(One("level", "cn-3301", "2022"), 100, false);
  ExpectIs(One("level", "cn-31", "2022"), 10, false);
  EXPECT_EQ(One("level", "cn-31", "2023").null, NullReason::kNoData);
  reader_.Figure("sales", "cn-3302", "2022", "");
  EXPECT_EQ(One("growth", "cn-3302", "2023").null, NullReason::kNoBase);
  ExpectIs(One("growth", "cn-3301", "2023"), Rational(1) / 10, true);
}

TEST_F(CrossedFiguresTest, WhatIsCarriedIsOfTheBoundariesOfThePeriod) {
  Formula("carried", kYuan, R"pb(series { series: "observationSeries/sales" carried: true })pb");
  reader_.Figure("sales", "cn-3301", "2021", "100");
  reader_.Figure("sales", "cn-3302", "2022", "50");
  reader_.Figure("sales", "cn-3302", "2021", "30");
  const IndicatorValue before = One("carried", "cn-3301", "2022");
  EXPECT_EQ(before.value, Rational(100));
  EXPECT_EQ(FlagsText(before.flags), "CARRIED");
  const IndicatorValue after = One("carried", "cn-3301", "2023");
  EXPECT_EQ(after.value, Rational(60));
  EXPECT_EQ(FlagsText(after.flags), "CARRIED CROSSWALK");
  // Of the last year that both are stated for.
  EXPECT_EQ(One("carried", "cn-3302", "2023").value, Rational(70));
}

TEST_F(CrossedFiguresTest, RatesAreNotDivided) {
  reader_.Put("indicators/rate").mutable_indicator()->set_additivity(catalog::v1::ADDITIVITY_NONE);
  Series("sales", R"pb(indicator: "indicators/rate"
                       form: SERIES_FORM_LEVEL
                       unit { kind: UNIT_KIND_PERCENT })pb");
  for (const char* year : {"2022", "2023"}) {
    reader_.Figure("sales", "cn-3301", year, "40");
    reader_.Figure("sales", "cn-33", year, "40");
    reader_.Figure("sales", "cn", year, "40");
  }
  Formula("growth", "kind: UNIT_KIND_RATIO", Compared("YOY", "", kSalesNode));
  EXPECT_EQ(One("growth", "cn-3301", "2023").null, NullReason::kNotAdditive);
  EXPECT_EQ(One("growth", "cn-33", "2023").null, NullReason::kNoBase);
  ExpectIs(One("growth", "cn", "2023"), 0, false);
}

TEST_F(CrossedFiguresTest, EventsThatAreComparedAreOfTheLaterRegionsAndMembers) {
  Formula("net-growth", "kind: UNIT_KIND_RATIO", Compared("YOY"));
  Formula("net", kYuan, kNet);
  Buy("2022-03-01", 1'00, "cn-3301");
  Buy("2022-03-02", 2'00, "cn-3302");
  Buy("2022-03-03", 5'00, "cn-31");
  Buy("2023-03-01", 7'00, "cn-3301");
  Buy("2023-08-01", 3'00, "cn-3302");
  // The group is of cn-3302 by the end of 2023; by the event's time it had 7 and 3.
  ExpectIs(One("net-growth", "regionGroups/club", "2023"), Rational(1) / 2, false);
  ExpectIs(One("net", "regionGroups/club", "2023"), 10, false);
  // cn-31 is a part of cn-33: 10 after 8.
  ExpectIs(One("net-growth", "cn-33", "2023"), Rational(1) / 4, false);
  ExpectIs(One("net-growth", "cn-31", "2023"), Rational(1) / 4, false);
  ExpectIs(One("net", "cn-33", "2022"), 3, false);
  // Parts are weights of figures: events keep their code.
  ExpectIs(One("net-growth", "cn-3302", "2023"), Rational(1) / 2, false);
}

TEST_F(CrossedFiguresTest, PublishedGrowthFollowsFromLevelsOfTheLaterBoundaries) {
  Series("rate", R"pb(indicator: "indicators/sold"
                      form: SERIES_FORM_GROWTH_ON_YEAR
                      unit { kind: UNIT_KIND_PERCENT })pb");
  reader_.Figure("sales", "cn-3301", "2022", "1000");
  reader_.Figure("sales", "cn-3302", "2022", "500");
  reader_.Figure("sales", "cn-3301", "2023", "660");
  reader_.Figure("sales", "cn-3302", "2023", "990");
  reader_.Figure("rate", "cn-3301", "2023", "10.0");
  reader_.Figure("rate", "cn-3302", "2023", "98");
  auto made = Reconcile(Context(), {.indicator = "indicators/sold"});
  ASSERT_OK(made);
  std::vector<std::string> rows;
  const auto text = [&](const char* name, size_t row) {
    const Column& column = *FindColumn(made->figures, name);
    return column.members[column.texts[row]].code;
  };
  for (size_t row = 0; row < made->figures.row_count; ++row) {
    if (text("computed_from", row) != "LEVELS") continue;
    rows.push_back(
        absl::StrCat(text("region", row), " ", FindColumn(made->figures, "computed")->doubles[row],
                     " ", text("reason", row), " ", text("status", row), " ", text("flags", row)));
  }
  EXPECT_THAT(rows, ::testing::UnorderedElementsAre("regions/cn-3301 10 EQUAL E CROSSWALK",
                                                    "regions/cn-3302 10 CROSSWALK E CROSSWALK"));
}

// A part without a weight for money, on top.
TEST_F(CrossedFiguresTest, APartWithoutWeightLeavesNoNumber) {
  const auto more = more_catalog_;
  more_catalog_ = [&](catalog_client::CatalogBuilder* catalog) {
    more(catalog);
    auto& part =
        *catalog->Region("cn-3302", catalog_client::RegionLevel::kCity, "cn-33").add_successors();
    part.set_region("regions/cn-33");
    part.set_basis(catalog::v1::CROSSWALK_BASIS_AREA);
    part.mutable_weight()->set_value("0.5");
    catalog_client::SetDate({2022, 7, 1}, part.mutable_date());
  };
  for (const char* year : {"2021", "2022"}) {
    reader_.Figure("sales", "cn-3302", year, "50");
    reader_.Figure("sales", "cn-3301", year, "50");
  }
  EXPECT_EQ(One("growth", "cn-3302", "2022").null, NullReason::kNoWeight);
  ExpectIs(One("growth", "cn-3301", "2022"), 0, false);
}

}  // namespace
}  // namespace tidemark::analytics
