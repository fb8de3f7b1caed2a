#include "services/analytics/statistics/targets/target_figures.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "common/testing/proto_matchers.h"
#include "services/analytics/statistics/targets/target_fixture_test.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

WantedPeriod Year(const std::string& asked = "") {
  WantedPeriod wanted{.due = Span("2015"), .additive = true};
  if (!asked.empty()) wanted.asked = Span(asked);
  return wanted;
}

Figure WithStatus(const std::string& period, const std::string& number,
                  pb::ObservationStatus status) {
  Figure figure = Stated(period, number);
  figure.status = status;
  if (number.empty()) figure.value.reset();
  return figure;
}

// `2013 = 90`, or the reason.
std::string Text(const Actual& actual) {
  const std::string period = actual.period ? NameOf(*actual.period) : "none";
  if (IsNull(actual.value))
    return period + " null " + std::to_string(static_cast<int>(actual.value.null));
  return period + " = " + std::to_string(actual.value.value.ToDouble()).substr(0, 6) +
         (actual.trailing ? " trailing" : "") + (actual.forecast ? " forecast" : "");
}

TEST(TargetFiguresTest, FiguresAreInTheGoalsUnit) {
  const auto observation = tidemark::testing::ParseText<pb::Observation>(R"pb(
    period {
      grain: PERIOD_GRAIN_YEAR
      start { year: 2013 month: 1 day: 1 }
    }
    value { value: "1" }
    divisor: 3
    qualifier: QUALIFIER_ABOUT
    status: OBSERVATION_STATUS_ESTIMATED
    break_before: true
    vintage: "vintages/v")pb");
  const auto figure = FigureOf(observation, base::Rational(100));
  ASSERT_TRUE(figure.has_value());
  EXPECT_EQ(*figure->value, base::Rational(100) / base::Rational(3));
  EXPECT_TRUE(figure->qualified);
  EXPECT_TRUE(figure->break_before);
  EXPECT_TRUE(figure->is_stated());
  auto missing = observation;
  missing.clear_value();
  missing.set_qualifier(pb::QUALIFIER_EXACT);
  EXPECT_FALSE(FigureOf(missing, base::Rational(100))->is_stated());
  EXPECT_FALSE(FigureOf(missing, base::Rational(100))->qualified);
}

TEST(TargetFiguresTest, TheLastLikePeriodUpToTheDueOneCounts) {
  const std::vector<Figure> figures = {Stated("2014", "95"), Stated("2012", "80"),
                                       Stated("2013", "90", "b"), Stated("2016", "130"),
                                       Stated("2015-Q1..Q3", "88")};
  const Actual actual = FindActual(figures, Year());
  EXPECT_EQ(Text(actual), "2014 = 95.000");
  EXPECT_EQ(actual.status, "A");
  EXPECT_EQ(actual.source, "vintages/a");
  EXPECT_EQ(FindActual(figures, Year("2013")).source, "vintages/b");
  EXPECT_EQ(Text(FindActual(figures, Year("2016"))), "2016 = 130.00");
  EXPECT_EQ(Text(FindActual(figures, Year("2011"))), "2011 null 17");
}

TEST(TargetFiguresTest, AYearIsNotComparedWithThreeQuarters) {
  const std::vector<Figure> figures = {Stated("2013-Q1..Q3", "65.52")};
  EXPECT_EQ(Text(FindActual(figures, Year())), "none null 12");
  EXPECT_EQ(Text(FindActual(figures, Year("2013"))), "2013 null 12");
  EXPECT_EQ(Text(FindActual(figures, Year("2013-Q1..Q3"))), "2013-Q1..Q3 null 12");
  EXPECT_EQ(Text(FindActual(figures, Year("2014"))), "2014 null 17");
  const Figure* const first = FindFirstMonths(figures, Year());
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(NameOf(first->period), "2013-Q1..Q3");
}

TEST(TargetFiguresTest, FourQuartersInARowAreAYear) {
  std::vector<Figure> figures = {Stated("2012-Q4", "20"), Stated("2013-Q1", "21"),
                                 Stated("2013-Q2", "22", "b"), Stated("2013-Q3", "23")};
  const Actual actual = FindActual(figures, Year());
  EXPECT_EQ(Text(actual), "2012-Q4..2013-Q3 = 86.000 trailing");
  EXPECT_EQ(actual.source, "vintages/a, vintages/b");
  EXPECT_EQ(Text(FindActual(figures, Year("2013-Q3"))), "2012-Q4..2013-Q3 = 86.000 trailing");
  EXPECT_EQ(Text(FindActual(figures, Year("2013-Q1..Q3"))), "2012-Q4..2013-Q3 = 86.000 trailing");
  EXPECT_EQ(Text(FindActual(figures, Year("2013-Q2"))), "2013-Q2 null 12");
  EXPECT_EQ(Text(FindActual(figures, Year("2013"))), "2013 null 12");
  figures.push_back(Stated("2013-10..12", "24"));
  EXPECT_EQ(Text(FindActual(figures, Year("2013"))), "2013 = 90.000 trailing");
  // One missing, and nothing follows.
  figures.erase(figures.begin() + 2);
  EXPECT_EQ(Text(FindActual(figures, Year())), "none null 12");
  // Averages and ratios do not add up.
  WantedPeriod ratio = Year();
  ratio.additive = false;
  figures.push_back(Stated("2013-Q2", "22"));
  EXPECT_EQ(Text(FindActual(figures, ratio)), "none null 12");
}

TEST(TargetFiguresTest, FourQuartersFollowFromCumulativeFigures) {
  std::vector<Figure> figures = {Stated("2012-Q1..Q3", "54.6", "old"), Stated("2012", "77", "year"),
                                 Stated("2013-Q1..Q3", "65.52", "new")};
  figures[2].status = pb::OBSERVATION_STATUS_PROVISIONAL;
  figures[0].qualified = true;
  // There is a year, 2012: no need for others, unless they are asked for.
  EXPECT_EQ(Text(FindActual(figures, Year())), "2012 = 77.000");
  const Actual actual = FindActual(figures, Year("2013-Q1..Q3"));
  EXPECT_EQ(Text(actual), "2012-Q4..2013-Q3 = 87.920 trailing");
  EXPECT_EQ(actual.value.value, Exact("87.92"));
  EXPECT_EQ(actual.source, "vintages/old, vintages/year, vintages/new");
  EXPECT_EQ(actual.status, "P");
  EXPECT_TRUE(actual.qualified);
  EXPECT_FALSE(actual.break_before);
  figures[2].break_before = true;
  EXPECT_TRUE(FindActual(figures, Year("2013-Q3")).break_before);
}

TEST(TargetFiguresTest, TheYearsForecastComesLast) {
  std::vector<Figure> figures = {WithStatus("2013", "88", pb::OBSERVATION_STATUS_FORECAST),
                                 WithStatus("2014", "99", pb::OBSERVATION_STATUS_FORECAST),
                                 Stated("2013-Q1..Q3", "65.52")};
  const Actual actual = FindActual(figures, Year());
  EXPECT_EQ(Text(actual), "2013 = 88.000 forecast");
  EXPECT_EQ(actual.status, "F");
  EXPECT_EQ(Text(FindActual(figures, Year("2014"))), "2014 = 99.000 forecast");
  figures.push_back(Stated("2014-Q1", "25"));
  EXPECT_EQ(Text(FindActual(figures, Year())), "2014 = 99.000 forecast");
  figures.push_back(Stated("2012", "77"));
  EXPECT_EQ(Text(FindActual(figures, Year())), "2012 = 77.000");
  // Four quarters before a forecast; a forecast is none of them.
  figures = {WithStatus("2013", "88", pb::OBSERVATION_STATUS_FORECAST), Stated("2013-H1", "40"),
             Stated("2013-H2", "41")};
  EXPECT_EQ(Text(FindActual(figures, Year())), "2013 = 81.000 trailing");
  figures[2].status = pb::OBSERVATION_STATUS_FORECAST;
  EXPECT_EQ(Text(FindActual(figures, Year())), "2013 = 88.000 forecast");
}

TEST(TargetFiguresTest, WhatItsPublisherKeepsBackIsNotFoundOut) {
  const std::vector<Figure> figures = {WithStatus("2013", "", pb::OBSERVATION_STATUS_SUPPRESSED),
                                       Stated("2013-H1", "40"), Stated("2013-H2", "41")};
  EXPECT_EQ(Text(FindActual(figures, Year("2013"))), "2013 null 19");
  EXPECT_EQ(Text(FindActual({figures[0]}, Year())), "none null 19");
  EXPECT_EQ(Text(FindActual({WithStatus("2013", "", pb::OBSERVATION_STATUS_MISSING)}, Year())),
            "none null 17");
}

TEST(TargetFiguresTest, GoalsOfQuartersAndCumulativeGoals) {
  const WantedPeriod quarter{.due = Span("2015-Q4"), .additive = true};
  EXPECT_EQ(Text(FindActual({Stated("2014", "80"), Stated("2015-Q2", "30")}, quarter)),
            "2015-Q2 = 30.000");
  EXPECT_EQ(Text(FindActual({Stated("2014", "80")}, quarter)), "none null 12");
  const WantedPeriod nine{.due = Span("2015-Q1..Q3"), .additive = true};
  EXPECT_EQ(Text(FindActual(
                {Stated("2014-Q1..Q3", "80"), Stated("2014-Q2..Q4", "99"), Stated("2015-H1", "41")},
                nine)),
            "2014-Q1..Q3 = 80.000");
  // A forecast of a part is no actual value.
  EXPECT_EQ(
      Text(FindActual({WithStatus("2014-Q1..Q3", "80", pb::OBSERVATION_STATUS_FORECAST)}, nine)),
      "none null 17");
}

TEST(TargetFiguresTest, AFinancialYearIsAYear) {
  const WantedPeriod wanted{.due = Span("2015-04..2016-03"), .additive = true};
  const std::vector<Figure> figures = {Stated("2013", "70"),        Stated("2014-Q2", "20"),
                                       Stated("2014-Q2..Q3", "41"), Stated("2014-Q4", "21"),
                                       Stated("2015-Q1", "22"),     Stated("2015-04..05", "14")};
  EXPECT_EQ(Text(FindActual(figures, wanted)), "2014-Q2..2015-Q1 = 84.000 trailing");
  const Figure* const first = FindFirstMonths(figures, wanted);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(NameOf(first->period), "2015-04..05");
}

TEST(TargetFiguresTest, FirstMonthsAreThoseOfTheNewestFigure) {
  const auto found = [](const std::vector<Figure>& figures, const WantedPeriod& wanted) {
    const Figure* const first = FindFirstMonths(figures, wanted);
    return first == nullptr ? "" : NameOf(first->period);
  };
  std::vector<Figure> figures = {Stated("2013-Q1", "20"), Stated("2013-Q3", "22"),
                                 Stated("2013-Q1..Q3", "63"), Stated("2013-H1", "41"),
                                 WithStatus("2013", "90", pb::OBSERVATION_STATUS_FORECAST)};
  EXPECT_EQ(found(figures, Year()), "2013-Q1..Q3");
  EXPECT_EQ(found(figures, Year("2013-H1")), "2013-H1");
  EXPECT_EQ(found(figures, Year("2013-Q1")), "2013-Q1");
  EXPECT_EQ(found(figures, Year("2012")), "");
  WantedPeriod ratio = Year();
  ratio.additive = false;
  EXPECT_EQ(found(figures, ratio), "");
  EXPECT_EQ(found(figures, {.due = Span("2015-Q4"), .additive = true}), "");
  figures.push_back(Stated("2013-Q4", "23"));
  EXPECT_EQ(found(figures, Year()), "");
  figures.back() = Stated("2013", "91");
  EXPECT_EQ(found(figures, Year()), "");
}

}  // namespace
}  // namespace tidemark::analytics
