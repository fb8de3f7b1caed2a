#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_GOAL_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_GOAL_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/rational.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/query/table.h"
#include "services/analytics/statistics/targets/period_span.h"
#include "tidemark/catalog/v1/targets.pb.h"

// What a quantitative goal asks for, and how far a value is on the way to it. All values are in the
// goal's unit.
namespace tidemark::analytics {

inline bool IsNull(const ExactNumber& number) { return number.null != NullReason::kNone; }

// Rounded once.
inline Number Rounded(const ExactNumber& number) {
  return {IsNull(number) ? 0 : number.value.ToDouble(), number.null};
}

struct PathStep {
  PeriodSpan period;
  base::Rational value;
};

struct Goal {
  catalog::v1::GoalKind kind = catalog::v1::GOAL_KIND_AT_LEAST;
  PeriodSpan due;
  base::Rational value;
  // Of ABOUT.
  base::Rational tolerance;
  std::optional<PathStep> baseline;
  // As declared.
  std::vector<PathStep> path;
};

// FAILED_PRECONDITION (PERIOD_UNKNOWN): a period is of a grain of a later release.
absl::StatusOr<Goal> GoalOf(const catalog::v1::Target& target);

// (actual - baseline) / (goal - baseline). NO_BASELINE, BASELINE_IS_GOAL, or why `actual` is null.
Number Progress(const Goal& goal, const ExactNumber& actual);

// What the way to the goal asks for in the period: a straight line from the baseline by way of the
// declared values, in the order of their periods, to the goal; from the due period on the goal.
// Periods that do not lie on a step (four quarters between two years) are on the line between.
// NO_BASELINE: nothing stated is as early as the period, and there is no baseline. NO_BASE: it is
// before the baseline.
ExactNumber PathValue(const Goal& goal, const PeriodSpan& period);

// Whether `value` is where `wanted` asks it to be: at or above it, at or below it, or no further
// from it than the tolerance.
bool Satisfies(const Goal& goal, const base::Rational& value, const base::Rational& wanted);

// (goal / actual)^(1 / years) - 1, rounded once: the average annual growth from `period` that
// reaches the goal in time. Years are months / 12, of periods of days days / 365.2425.
// NOT_POSITIVE: the goal or the actual value is not above 0. TOO_SHORT: the goal is due no later
// than `period`, or so soon after it that no number is as large as the growth of a year.
Number NeededGrowth(const Goal& goal, const base::Rational& actual, const PeriodSpan& period);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_GOAL_H_
