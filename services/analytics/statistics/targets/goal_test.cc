#include "services/analytics/statistics/targets/goal.h"

#include <gtest/gtest.h>

#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/statistics/targets/target_fixture_test.h"

namespace tidemark::analytics {
namespace {

using base::Rational;

// 12.5 billion yuan in 2015, in units of 10^8.
Goal Xining() {
  return {.kind = catalog::v1::GOAL_KIND_AT_LEAST, .due = Span("2015"), .value = Rational(125)};
}

Goal FromBaseline(const std::string& due, const std::string& value, const std::string& from,
                  const std::string& baseline) {
  return {
      .due = Span(due), .value = Exact(value), .baseline = PathStep{Span(from), Exact(baseline)}};
}

double PathAt(const Goal& goal, const std::string& period) {
  const ExactNumber value = PathValue(goal, Span(period));
  EXPECT_EQ(value.null, NullReason::kNone);
  return value.value.ToDouble();
}

TEST(GoalTest, IsWhatTheTargetStates) {
  const auto target = tidemark::testing::ParseText<catalog::v1::Target>(R"pb(
    due {
      grain: PERIOD_GRAIN_YEAR
      start { year: 2015 month: 1 day: 1 }
    }
    quantitative {
      kind: GOAL_KIND_ABOUT
      value { value: "10" }
      tolerance { value: "0.5" }
      baseline {
        period {
          grain: PERIOD_GRAIN_YEAR
          start { year: 2012 month: 1 day: 1 }
        }
        value { value: "7.25" }
      }
      path {
        period {
          grain: PERIOD_GRAIN_YEAR
          start { year: 2014 month: 1 day: 1 }
        }
        value { value: "9" }
      }
    })pb");
  ASSERT_OK_AND_ASSIGN(const Goal goal, GoalOf(target));
  EXPECT_EQ(goal.kind, catalog::v1::GOAL_KIND_ABOUT);
  EXPECT_EQ(NameOf(goal.due), "2015");
  EXPECT_EQ(goal.value, Rational(10));
  EXPECT_EQ(goal.tolerance, Exact("0.5"));
  EXPECT_EQ(goal.baseline->value, Exact("7.25"));
  EXPECT_EQ(NameOf(goal.baseline->period), "2012");
  EXPECT_EQ(goal.path.at(0).value, Rational(9));

  auto later = target;
  later.mutable_due()->set_grain(static_cast<type::v1::PeriodGrain>(99));
  EXPECT_THAT(GoalOf(later).status(), tidemark::testing::ReasonIs("PERIOD_UNKNOWN"));
}

TEST(GoalTest, ProgressIsTheShareOfTheWay) {
  const Goal up = FromBaseline("2015", "125", "2012", "75");
  EXPECT_EQ(Progress(up, {Rational(85)}), (Number{0.2}));
  EXPECT_EQ(Progress(up, {Rational(60)}), (Number{-0.3}));
  EXPECT_EQ(Progress(up, {Rational(135)}), (Number{1.2}));
  // Downwards, too.
  EXPECT_EQ(Progress(FromBaseline("2015", "4", "2012", "10"), {Rational(7)}), (Number{0.5}));
}

TEST(GoalTest, ProgressIsNullWithReasons) {
  EXPECT_EQ(Progress(Xining(), {Rational(85)}).null, NullReason::kNoBaseline);
  EXPECT_EQ(Progress(FromBaseline("2015", "125", "2012", "125.0"), {Rational(1)}).null,
            NullReason::kBaselineIsGoal);
  EXPECT_EQ(
      Progress(FromBaseline("2015", "125", "2012", "75"), {{}, NullReason::kPeriodMismatch}).null,
      NullReason::kPeriodMismatch);
}

TEST(GoalTest, WithoutADeclaredPathItIsAStraightLine) {
  const Goal goal = FromBaseline("2015", "125", "2011", "85");
  EXPECT_EQ(PathAt(goal, "2011"), 85);
  EXPECT_EQ(PathAt(goal, "2013"), 105);
  EXPECT_EQ(PathAt(goal, "2015"), 125);
  EXPECT_EQ(PathAt(goal, "2017"), 125);
  // Four quarters up to September 2013 are three quarters of the way from 2012 to 2013.
  EXPECT_EQ(PathAt(goal, "2012-Q4..2013-Q3"), 102.5);
  EXPECT_EQ(PathValue(goal, Span("2010")).null, NullReason::kNoBase);
}

TEST(GoalTest, DeclaredValuesAreOnTheWay) {
  Goal goal = FromBaseline("2016", "100", "2010", "10");
  // In any order; the second of 2012, one behind the goal and one before the baseline do not count.
  goal.path = {{Span("2014"), Rational(30)},
               {Span("2012"), Rational(20)},
               {Span("2012"), Rational(99)},
               {Span("2018"), Rational(7)},
               {Span("2009"), Rational(1)}};
  EXPECT_EQ(PathAt(goal, "2011"), 15);
  EXPECT_EQ(PathAt(goal, "2012"), 20);
  EXPECT_EQ(PathAt(goal, "2013"), 25);
  EXPECT_EQ(PathAt(goal, "2015"), 65);
  EXPECT_EQ(PathAt(goal, "2018"), 100);
  goal.baseline.reset();
  EXPECT_EQ(PathAt(goal, "2010"), (Rational(22) / Rational(3)).ToDouble());
  EXPECT_EQ(PathValue(goal, Span("2008")).null, NullReason::kNoBaseline);
}

TEST(GoalTest, WithoutBaselineOnlyTheGoalIsKnown) {
  EXPECT_EQ(PathAt(Xining(), "2015"), 125);
  EXPECT_EQ(PathValue(Xining(), Span("2014")).null, NullReason::kNoBaseline);
}

TEST(GoalTest, WeeksAndDaysGoByDays) {
  const Goal goal = FromBaseline("2024-W14", "20", "2024-W10", "10");
  EXPECT_EQ(PathAt(goal, "2024-W12"), 15);
  EXPECT_EQ(PathAt(goal, "2024-W13"), 17.5);
}

TEST(GoalTest, KindsAreSatisfiedAtTheirBounds) {
  Goal goal = Xining();
  EXPECT_TRUE(Satisfies(goal, Rational(125), Rational(125)));
  EXPECT_FALSE(Satisfies(goal, Exact("124.999999999"), Rational(125)));
  goal.kind = catalog::v1::GOAL_KIND_AT_MOST;
  EXPECT_TRUE(Satisfies(goal, Rational(125), Rational(125)));
  EXPECT_FALSE(Satisfies(goal, Exact("125.000000001"), Rational(125)));
  goal.kind = catalog::v1::GOAL_KIND_ABOUT;
  goal.tolerance = Rational(1);
  EXPECT_TRUE(Satisfies(goal, Rational(9), Rational(10)));
  EXPECT_TRUE(Satisfies(goal, Rational(11), Rational(10)));
  EXPECT_FALSE(Satisfies(goal, Exact("8.999"), Rational(10)));
  EXPECT_FALSE(Satisfies(goal, Exact("11.001"), Rational(10)));
}

// What source-facts.md says: about 20 % a year on like periods, not 38 %.
TEST(GoalTest, NeededGrowthOfThePilot) {
  EXPECT_EQ(NeededGrowth(Xining(), Exact("87.36"), Span("2013")).value, 0.196185941173363674307);
  EXPECT_EQ(NeededGrowth(Xining(), Exact("65.52"), Span("2013")).value, 0.381236550274574733174);
}

TEST(GoalTest, NeededGrowthIsOfYearsAndTheirParts) {
  EXPECT_EQ(NeededGrowth(Xining(), Rational(125), Span("2013")), (Number{0}));
  EXPECT_EQ(NeededGrowth(Xining(), Rational(250), Span("2014")), (Number{-0.5}));
  // 27 months from the end of September 2013.
  EXPECT_EQ(NeededGrowth(Xining(), Rational(100), Span("2012-Q4..2013-Q3")).value,
            0.10425943055689846);
  Goal weeks{.due = Span("2024-W14"), .value = Rational(110)};
  EXPECT_EQ(NeededGrowth(weeks, Rational(100), Span("2024-W01")).value, 0.46600654758811409);
}

TEST(GoalTest, NeededGrowthIsNullWithReasons) {
  EXPECT_EQ(NeededGrowth(Xining(), Rational(100), Span("2015")).null, NullReason::kTooShort);
  EXPECT_EQ(NeededGrowth(Xining(), Rational(100), Span("2016")).null, NullReason::kTooShort);
  EXPECT_EQ(NeededGrowth(Xining(), Rational(0), Span("2013")).null, NullReason::kNotPositive);
  EXPECT_EQ(NeededGrowth(Xining(), Rational(-1), Span("2013")).null, NullReason::kNotPositive);
  // 8^365 is larger than any number.
  Goal tomorrow{.due = Span("2024-03-06"), .value = Rational(8)};
  EXPECT_EQ(NeededGrowth(tomorrow, Rational(1), Span("2024-03-05")).null, NullReason::kTooShort);
  EXPECT_EQ(NeededGrowth(tomorrow, Rational(7), Span("2024-03-05")).null, NullReason::kNone);
  Goal zero = Xining();
  zero.value = Rational(0);
  EXPECT_EQ(NeededGrowth(zero, Rational(1), Span("2013")).null, NullReason::kNotPositive);
}

}  // namespace
}  // namespace tidemark::analytics
