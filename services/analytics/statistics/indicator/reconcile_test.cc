#include "services/analytics/statistics/indicator/reconcile.h"

#include "services/analytics/statistics/indicator/indicator_fixture_test.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

using ::testing::UnorderedElementsAre;

constexpr char kMoney[] = R"pb(kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 8)pb";

class ReconcileTest : public IndicatorTest {
 protected:
  ReconcileTest() { Formula("sales", kMoney, ""); }

  void Sales(const std::string& name, const std::string& form, const std::string& unit,
             const std::string& more = "") {
    Series(name, absl::StrCat("indicator: 'indicators/sales' form: SERIES_FORM_", form,
                              " publisher: 'organisations/nbs' unit { ", unit, " } ", more));
  }
  void Level(const std::string& period, const std::string& value) {
    reader_.Figure("level", "cn", period, value);
  }
  // Every row as `period form computed_from published computed reason`.
  std::vector<std::string> Rows(const ReconcileQuestion& question = {
                                    .indicator = "indicators/sales"}) {
    auto made = Reconcile(Context(), question);
    EXPECT_OK(made);
    std::vector<std::string> rows;
    if (!made.ok()) return rows;
    const Table& table = made->figures;
    const auto text = [&](const char* name, size_t row) {
      const Column& column = *FindColumn(table, name);
      return column.members[column.texts[row]].code;
    };
    const auto number = [&](const char* name, size_t row) {
      const Column& column = *FindColumn(table, name);
      if (column.IsNull(row)) return absl::StrCat("null", static_cast<int>(column.nulls[row]));
      return absl::StrCat(column.doubles[row]);
    };
    for (size_t row = 0; row < table.row_count; ++row) {
      rows.push_back(absl::StrCat(text("period", row), " ", text("form", row), " ",
                                  text("computed_from", row), " ", number("published", row), " ",
                                  number("computed", row), " ", text("reason", row)));
    }
    return rows;
  }
  static constexpr char kPercent[] = "kind: UNIT_KIND_PERCENT";
};

// The National Bureau of Statistics: 2,054.4 billion after 1,955.8 billion yuan, "up 6.2 %".
TEST_F(ReconcileTest, AComparableRateIsNotThatOfTheLevels) {
  Sales("level", "LEVEL", kMoney);
  Sales("growth", "GROWTH_ON_YEAR", kPercent, "basis: SERIES_BASIS_COMPARABLE");
  Level("2022-01..02", "19558");
  Level("2023-01..02", "20544");
  reader_.Figure("growth", "cn", "2023-01..02", "6.2");
  EXPECT_THAT(Rows(), UnorderedElementsAre("2023-01..02 GROWTH_ON_YEAR LEVELS 6.2 5.04142 BASIS",
                                           "2022-01..02 LEVEL RATE_AND_LEVEL null8 19344.6 "));
}

// Xining: 6.552 billion in three quarters, "up 20 %", so 5.46 billion the year before.
TEST_F(ReconcileTest, RateAndLevelImplyTheBase) {
  Sales("level", "LEVEL", kMoney);
  Sales("growth", "GROWTH_ON_YEAR", kPercent, "basis: SERIES_BASIS_NOT_STATED");
  Level("2013-Q1..Q3", "65.52");
  reader_.Figure("growth", "cn", "2013-Q1..Q3", "20");
  EXPECT_THAT(Rows(), UnorderedElementsAre("2013-Q1..Q3 GROWTH_ON_YEAR LEVELS 20 null1 ",
                                           "2012-Q1..Q3 LEVEL RATE_AND_LEVEL null8 54.6 "));
}

TEST_F(ReconcileTest, EveryReasonIsTold) {
  const auto reason = [](const std::string& value, const std::string& base, const std::string& rate,
                         const std::string& change = "") {
    class Case : public ReconcileTest {
     public:
      void TestBody() override {}
      std::string Reason(const std::string& value, const std::string& base, const std::string& rate,
                         const std::string& change) {
        Sales("level", "LEVEL", kMoney);
        Sales("growth", "GROWTH_ON_YEAR", kPercent, "basis: SERIES_BASIS_AS_PUBLISHED");
        Level("2022", base);
        auto& of_2023 = reader_.Figure("level", "cn", "2023", value);
        if (change == "break") of_2023.set_break_before(true);
        if (change == "about") of_2023.set_qualifier(catalog::v1::QUALIFIER_ABOUT);
        auto& published = reader_.Figure("growth", "cn", "2023", rate);
        catalog_client::SetDate({2024, 1, 10}, published.mutable_source()->mutable_published());
        catalog_client::SetDate({2024, change == "revised" ? 2 : 1, 10},
                                of_2023.mutable_source()->mutable_published());
        const std::string row =
            Rows({.indicator = "indicators/sales", .first = "2023", .last = "2023"}).front();
        return row.substr(row.rfind(' ') + 1);
      }
    };
    return Case().Reason(value, base, rate, change);
  };
  EXPECT_EQ(reason("110", "100", "10.0"), "EQUAL");
  EXPECT_EQ(reason("66.7", "63.5", "5.0"), "EQUAL");     // 5.039
  EXPECT_EQ(reason("66.7", "63.5", "5.1"), "ROUNDING");  // up to 5.2 by the tenths
  EXPECT_EQ(reason("110", "100", "15", "about"), "QUALIFIED");
  EXPECT_EQ(reason("110", "100", "15", "break"), "BREAK");
  EXPECT_EQ(reason("110", "100", "15", "revised"), "REVISED");
  EXPECT_EQ(reason("110", "100", "15"), "UNEXPLAINED");
  EXPECT_EQ(reason("90", "100", "-10"), "EQUAL");
  EXPECT_EQ(reason("90.06", "100.00", "-9.9"), "EQUAL");
}

TEST_F(ReconcileTest, ABaseAloneMakesNoRow) {
  Sales("level", "LEVEL", kMoney);
  Sales("growth", "GROWTH_ON_YEAR", kPercent);
  Level("2022", "100");
  reader_.Figure("growth", "cn", "2023", "20");
  EXPECT_THAT(Rows(), UnorderedElementsAre());
}

TEST_F(ReconcileTest, AnIndexNumberHasABaseOfItsKind) {
  Sales("level", "LEVEL", kMoney);
  Sales("index", "INDEX", "kind: UNIT_KIND_INDEX",
        "index_base { grain: PERIOD_GRAIN_YEAR start { year: 2020 month: 1 day: 1 } }");
  Level("2020", "400");
  Level("2021-Q1", "110");
  reader_.Figure("index", "cn", "2021-Q1", "110");
  EXPECT_THAT(Rows(), UnorderedElementsAre("2021-Q1 INDEX LEVELS 110 null12 "));
}

TEST_F(ReconcileTest, OtherForms) {
  Sales("level", "LEVEL", kMoney);
  Sales("games", "LEVEL", kMoney, "slices { dimension: 'category' code: 'game' }");
  Sales("average", "AVERAGE_ANNUAL_GROWTH", kPercent);
  Sales("previous", "GROWTH_ON_PREVIOUS", kPercent);
  Sales("share", "SHARE", "kind: UNIT_KIND_RATIO", "whole_region: 'regions/cn'");
  Sales("part", "SHARE", kPercent, "slices { dimension: 'category' code: 'game' }");
  Sales("points", "CONTRIBUTION", "kind: UNIT_KIND_PERCENTAGE_POINTS",
        "whole_region: 'regions/cn'");
  Sales("index", "INDEX", "kind: UNIT_KIND_INDEX",
        "index_base { grain: PERIOD_GRAIN_YEAR start { year: 2020 month: 1 day: 1 } }");
  Level("2020", "100");
  Level("2021", "150");
  Level("2022", "400");
  reader_.Figure("level", "cn-31", "2021", "30");
  reader_.Figure("level", "cn-31", "2022", "60");
  reader_.Figure("games", "cn", "2022", "100");
  reader_.Figure("average", "cn", "2021..2022", "100.0");
  reader_.Figure("previous", "cn", "2021", "49");
  auto& third = reader_.Figure("share", "cn-31", "2022", "3");
  third.set_divisor(20);
  reader_.Figure("part", "cn", "2022", "25");
  reader_.Figure("points", "cn-31", "2022", "20.0");
  reader_.Figure("index", "cn", "2022", "401");
  EXPECT_THAT(Rows(), UnorderedElementsAre("2021..2022 AVERAGE_ANNUAL_GROWTH LEVELS 100 100 EQUAL",
                                           "2020 LEVEL RATE_AND_LEVEL null8 100 ",
                                           "2021 GROWTH_ON_PREVIOUS LEVELS 49 50 ROUNDING",
                                           "2020 LEVEL RATE_AND_LEVEL null8 100.671 ",
                                           "2022 SHARE LEVELS 0.15 0.15 EQUAL",
                                           "2022 SHARE LEVELS 25 25 EQUAL",
                                           "2022 CONTRIBUTION LEVELS 20 20 EQUAL",
                                           "2022 INDEX LEVELS 401 400 ROUNDING"));
}

TEST_F(ReconcileTest, EventsAreSetBesideLevelsAndGrowth) {
  Formula("sales", kYuan, kNet);
  Sales("level", "LEVEL", kYuan);
  Sales("games", "LEVEL", kYuan, "slices { dimension: 'category' code: 'game' }");
  Sales("small", "LEVEL", kYuan, "slices { dimension: 'provider_size' code: 'SMALL' }");
  Sales("growth", "GROWTH_ON_YEAR", kPercent);
  Buy("2021-03-05", 40'000, "cn");
  Buy("2022-03-05", 50'000, "cn-33");
  Buy("2022-03-05", 10'000, "cn-33", "phone");
  Level("2022-03", "600");
  Level("2022-04", "1");
  Level("2024-07", "7");
  reader_.Figure("games", "cn", "2022-03", "500");
  reader_.Figure("small", "cn", "2022-03", "500");
  reader_.Figure("growth", "cn", "2022-03", "51");
  reader_.Figure("growth", "cn", "2024-07", "51");
  EXPECT_THAT(
      Rows(),
      UnorderedElementsAre(
          "2022-03 LEVEL EVENTS 600 600 EQUAL", "2022-04 LEVEL EVENTS 1 0 UNEXPLAINED",
          "2024-07 LEVEL EVENTS 7 0 PARTIAL", "2022-03 LEVEL EVENTS 500 500 EQUAL",
          "2022-03 LEVEL EVENTS 500 null8 ", "2022-03 GROWTH_ON_YEAR EVENTS 51 50 UNEXPLAINED",
          "2022-03 GROWTH_ON_YEAR LEVELS 51 null1 ", "2021-03 LEVEL RATE_AND_LEVEL null8 397.351 ",
          "2024-07 GROWTH_ON_YEAR EVENTS 51 null4 PARTIAL",
          "2024-07 GROWTH_ON_YEAR LEVELS 51 null1 ",
          "2023-07 LEVEL RATE_AND_LEVEL null8 4.63576 "));
}

TEST_F(ReconcileTest, OnlyWhatIsAskedFor) {
  Sales("level", "LEVEL", kMoney);
  Sales("growth", "GROWTH_ON_YEAR", kPercent);
  Sales("other", "GROWTH_ON_YEAR", kPercent);
  for (const char* year : {"2020", "2021", "2022"}) Level(year, "100");
  for (const char* year : {"2021", "2022"}) {
    reader_.Figure("growth", "cn", year, "0");
    reader_.Figure("other", "cn", year, "1");
  }
  ReconcileQuestion question{
      .indicator = "indicators/sales", .series = {"observationSeries/growth"}, .first = "2022"};
  EXPECT_THAT(Rows(question), UnorderedElementsAre("2022 GROWTH_ON_YEAR LEVELS 0 0 EQUAL",
                                                   "2021 LEVEL RATE_AND_LEVEL null8 100 "));
  question.regions = {"regions/cn-31"};
  EXPECT_TRUE(Rows(question).empty());
  question.regions = {"regions/nowhere"};
  EXPECT_EQ(status::FieldOf(Reconcile(Context(), question).status()), "regions[0]");
  question.regions.clear();
  question.series = {"observationSeries/nothing"};
  EXPECT_THAT(Reconcile(Context(), question).status(), ReasonIs("OTHER_INDICATOR"));
  question.series.clear();
  question.last = "2019";
  EXPECT_THAT(Reconcile(Context(), question).status(), ReasonIs("PERIOD_INVALID"));
  question.indicator = "indicators/nothing";
  EXPECT_THAT(Reconcile(Context(), question).status(), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace tidemark::analytics
