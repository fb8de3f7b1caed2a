#include "services/analytics/statistics/denominators/load_denominators.h"

#include "services/analytics/query/per_head.h"
#include "services/analytics/query/plan_fixture_test.h"
#include "services/analytics/statistics/denominators/official_fixture_test.h"

namespace tidemark::analytics {
namespace {

using ::testing::IsEmpty;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

class LoadDenominatorsTest : public PlanTest {
 protected:
  LoadDenominatorsTest() {
    query_.filters = {{"consumer_region", {"cn-33"}}};
    query_.per_capita = {{"net", PopulationKind::kRegistered, PopulationTime::kYearEnd,
                          "per_capita(net,registered,year_end)"}};
    query_.ratios_to_gdp = {{"net", "ratio_to_gdp(net)"}};
    query_.first = query_.last = "2024-Q1";
  }
};

TEST_F(LoadDenominatorsTest, FiguresAreReadAtTheVersionOfTheSnapshot) {
  FakeOfficialFigures figures;
  figures.Population("mid-year");
  auto& at_end = figures.Population("year-end");
  at_end.mutable_population()->set_kind(catalog::v1::POPULATION_KIND_REGISTERED);
  at_end.mutable_population()->set_time(catalog::v1::POPULATION_TIME_YEAR_END);
  figures.State("mid-year", "regions/cn-33", "2024", "1");
  figures.State("year-end", "regions/cn-33", "2024", "2");
  auto plan = Make();
  ASSERT_OK(plan.status());
  ASSERT_OK(LoadDenominators(&figures, &*plan));
  EXPECT_EQ(figures.asked_version(), 1u);
  const DaySpan days = LastDayOf(*plan, plan->periods.front());
  EXPECT_EQ(plan->per_head[0].denominators->Stated("regions/cn-33", days).value, base::Rational(2));
  EXPECT_THAT(plan->per_head[1].denominators->Places(), IsEmpty());
  EXPECT_THAT(LoadDenominators(nullptr, &*plan), ReasonIs("CATALOG_UNREACHABLE"));
  figures.GoAway();
  EXPECT_THAT(LoadDenominators(&figures, &*plan), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace tidemark::analytics
