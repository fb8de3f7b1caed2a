// What comparisons other than prev and yoy need.
#include "services/analytics/query/plan_fixture_test.h"

namespace tidemark::analytics {
namespace {

using ::tidemark::testing::ReasonIs;

TEST_F(PlanTest, YearsToDateNeedPeriodsThatAddUpToYears) {
  const auto error = [this](Grain grain, std::vector<Comparison> comparisons) {
    return Error([&](Query* q) {
      q->grain = grain;
      q->comparisons = std::move(comparisons);
    });
  };
  EXPECT_THAT(error(Grain::kWeek, {Comparison::kYtd}), ReasonIs("GRAIN_INVALID"));
  EXPECT_THAT(error(Grain::kYear, {Comparison::kYtdYoy}), ReasonIs("GRAIN_INVALID"));
  EXPECT_THAT(error(Grain::kAll, {Comparison::kYtd}), ReasonIs("GRAIN_MISSING"));
  EXPECT_THAT(error(Grain::kMonth, {Comparison::kYtd, Comparison::kPrev}),
              ReasonIs("PREV_UNDEFINED"));
  EXPECT_THAT(error(Grain::kMonth, {Comparison::kYtd, Comparison::kYtd}), ReasonIs("DUPLICATE"));
  EXPECT_THAT(Error([](Query* q) {
                q->first = q->last = "2024-01..02";
                q->comparisons = {Comparison::kYtd};
              }),
              ReasonIs("GRAIN_INVALID"));
  catalog_client::CatalogBuilder catalog;
  catalog.Observatory("Asia/Shanghai", {2020, 1, 1}).set_fiscal_start_month(11);
  catalog.Source("shop");
  view_ = catalog.View();
  EXPECT_THAT(error(Grain::kQuarter, {Comparison::kYtd}), ReasonIs("GRAIN_INVALID"));
  query_.grain = Grain::kMonth;
  query_.comparisons = {Comparison::kYtd};
  EXPECT_OK(Make());
}

TEST_F(PlanTest, FarBasesAreOfPeriodsOfOneLength) {
  EXPECT_THAT(Error([](Query* q) { q->cagr_years = {5}; }), ReasonIs("GRAIN_MISSING"));
  EXPECT_THAT(Error([](Query* q) {
                q->grain = Grain::kDay;
                q->cagr_years = {5};
              }),
              ReasonIs("GRAIN_INVALID"));
  EXPECT_THAT(Error([](Query* q) {
                q->grain = Grain::kYear;
                q->cagr_years = {5, 5};
              }),
              ReasonIs("DUPLICATE"));
  EXPECT_THAT(Error([](Query* q) {
                q->grain = Grain::kYear;
                q->cagr_years = {121};
              }),
              ReasonIs("YEARS_INVALID"));
  EXPECT_THAT(Error([](Query* q) {
                q->grain = Grain::kYear;
                q->index_base = "2020-03";
              }),
              ReasonIs("PERIOD_MISMATCH"));
  EXPECT_THAT(Error([](Query* q) {
                q->first = q->last = "2024-01..02";
                q->index_base = "2020-01..03";
              }),
              ReasonIs("PERIOD_MISMATCH"));
  EXPECT_THAT(Error([](Query* q) {
                q->grain = Grain::kYear;
                q->index_base = "20";
              }),
              ReasonIs("PERIOD_INVALID"));
  EXPECT_THAT(Error([](Query* q) {
                q->grain = Grain::kYear;
                q->comparisons = {Comparison::kYoy};
                q->cagr_years = {5};
                q->panel = Panel::kMatched;
              }),
              ReasonIs("PANEL_NOT_APPLICABLE"));
}

TEST_F(PlanTest, ContributionsNeedTheirGrowthAndQuotientsAnotherDimension) {
  const auto with = [](Query* q) {
    q->grain = Grain::kYear;
    q->measures = {{.name = "net", .column = "net"}, {.name = "orders", .column = "orders"}};
    q->dimensions = {{.name = "category"}};
  };
  EXPECT_THAT(Error([&](Query* q) {
                with(q);
                q->contributions = {{.measure = "net", .column = "yoy_contribution(net)"}};
              }),
              ReasonIs("COMPARISON_MISSING"));
  EXPECT_THAT(Error([&](Query* q) {
                with(q);
                q->comparisons = {Comparison::kYoy};
                q->contributions = {{.measure = "orders", .column = "yoy_contribution(orders)"}};
              }),
              ReasonIs("NOT_ADDITIVE"));
  EXPECT_THAT(Error([&](Query* q) {
                with(q);
                q->location_quotients = {{.measure = "net", .dimension = "category"}};
              }),
              ReasonIs("DIMENSION_MISSING"));
  EXPECT_THAT(Error([&](Query* q) {
                with(q);
                q->location_quotients = {{.measure = "net", .dimension = "consumer_region"}};
              }),
              ReasonIs("UNKNOWN_DIMENSION"));
}

}  // namespace
}  // namespace tidemark::analytics
