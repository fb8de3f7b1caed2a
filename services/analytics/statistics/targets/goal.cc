#include "services/analytics/statistics/targets/goal.h"

#include <algorithm>
#include <cmath>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// The mean length of a year of the Gregorian calendar is 3,652,425 ten-thousandths of a day.
constexpr int64_t kDayParts = 10'000, kYearParts = 3'652'425;

absl::StatusOr<PeriodSpan> KnownSpan(const type::v1::Period& period) {
  if (const auto span = SpanOf(period)) return *span;
  return status::WithReason(
      absl::FailedPreconditionError("a period of the target is of a grain that this release does "
                                    "not know; ask a newer one"),
      "PERIOD_UNKNOWN");
}

absl::StatusOr<PathStep> StepOf(const pb::PathPoint& point) {
  PathStep step{.value = ValueOf(point.value())};
  TM_ASSIGN_OR_RETURN(step.period, KnownSpan(point.period()));
  return step;
}

// Where a period lies on the way: by its first month or, where a period is of days, first day.
int64_t PositionOf(const PeriodSpan& period, bool in_months) {
  return in_months ? period.first : period.first_day();
}

// What the way is made of, by position, each once: baseline, declared values between, goal.
struct Anchor {
  int64_t position;
  base::Rational value;
};

std::vector<Anchor> AnchorsOf(const Goal& goal, bool in_months) {
  std::vector<Anchor> anchors;
  const int64_t due = PositionOf(goal.due, in_months);
  int64_t begin = INT64_MIN;
  if (goal.baseline && PositionOf(goal.baseline->period, in_months) < due) {
    begin = PositionOf(goal.baseline->period, in_months);
    anchors.push_back({begin, goal.baseline->value});
  }
  for (const PathStep& step : goal.path) {
    const int64_t position = PositionOf(step.period, in_months);
    if (begin < position && position < due) anchors.push_back({position, step.value});
  }
  anchors.push_back({due, goal.value});
  // Of two values for a period the first stated counts.
  const auto before = [](const Anchor& a, const Anchor& b) { return a.position < b.position; };
  const auto same = [](const Anchor& a, const Anchor& b) { return a.position == b.position; };
  std::stable_sort(anchors.begin(), anchors.end(), before);
  anchors.erase(std::unique(anchors.begin(), anchors.end(), same), anchors.end());
  return anchors;
}

bool AllInMonths(const Goal& goal, const PeriodSpan& period) {
  return period.in_months && goal.due.in_months &&
         (!goal.baseline || goal.baseline->period.in_months) &&
         std::all_of(goal.path.begin(), goal.path.end(),
                     [](const PathStep& step) { return step.period.in_months; });
}

}  // namespace

absl::StatusOr<Goal> GoalOf(const pb::Target& target) {
  const pb::QuantitativeGoal& stated = target.quantitative();
  Goal goal{.kind = stated.kind(),
            .value = ValueOf(stated.value()),
            .tolerance = ValueOf(stated.tolerance())};
  TM_ASSIGN_OR_RETURN(goal.due, KnownSpan(target.due()));
  if (stated.has_baseline()) {
    TM_ASSIGN_OR_RETURN(goal.baseline, StepOf(stated.baseline()));
  }
  for (const pb::PathPoint& point : stated.path()) {
    TM_ASSIGN_OR_RETURN(goal.path.emplace_back(), StepOf(point));
  }
  return goal;
}

Number Progress(const Goal& goal, const ExactNumber& actual) {
  if (!goal.baseline) return {0, NullReason::kNoBaseline};
  if (goal.baseline->value == goal.value) return {0, NullReason::kBaselineIsGoal};
  if (IsNull(actual)) return {0, actual.null};
  return {((actual.value - goal.baseline->value) / (goal.value - goal.baseline->value)).ToDouble()};
}

ExactNumber PathValue(const Goal& goal, const PeriodSpan& period) {
  const bool in_months = AllInMonths(goal, period);
  const int64_t position = PositionOf(period, in_months);
  const std::vector<Anchor> anchors = AnchorsOf(goal, in_months);
  if (position >= anchors.back().position) return {goal.value};
  const auto next =
      std::upper_bound(anchors.begin(), anchors.end(), position,
                       [](int64_t at, const Anchor& anchor) { return at < anchor.position; });
  if (next == anchors.begin())
    return {{}, goal.baseline ? NullReason::kNoBase : NullReason::kNoBaseline};
  const Anchor& from = *(next - 1);
  const base::Rational done =
      base::Rational(position - from.position) / base::Rational(next->position - from.position);
  return {from.value + (next->value - from.value) * done};
}

bool Satisfies(const Goal& goal, const base::Rational& value, const base::Rational& wanted) {
  switch (goal.kind) {
    case pb::GOAL_KIND_AT_LEAST:
      return !(value < wanted);
    case pb::GOAL_KIND_AT_MOST:
      return !(wanted < value);
    default: {
      const base::Rational off = value < wanted ? wanted - value : value - wanted;
      return !(goal.tolerance < off);
    }
  }
}

Number NeededGrowth(const Goal& goal, const base::Rational& actual, const PeriodSpan& period) {
  if (actual.Sign() <= 0 || goal.value.Sign() <= 0) return {0, NullReason::kNotPositive};
  const bool in_months = goal.due.in_months && period.in_months;
  // Of the last days, which is what a goal is due by; of like periods it makes no difference.
  const int64_t left =
      in_months ? goal.due.end - period.end : (goal.due.end_day() - period.end_day()) * kDayParts;
  if (left <= 0) return {0, NullReason::kTooShort};
  const double growth =
      base::PowerLessOne(goal.value / actual, in_months ? kMonthsOfYear : kYearParts, left);
  // Eight times as much by tomorrow is no growth per year that a number can tell.
  if (!std::isfinite(growth)) return {0, NullReason::kTooShort};
  return {growth};
}

}  // namespace tidemark::analytics
