#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_FORMULA_ACTUAL_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_FORMULA_ACTUAL_H_

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"
#include "services/analytics/statistics/targets/target_figures.h"
#include "services/analytics/statistics/targets/target_progress.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::analytics {

// The actual value of a target whose goal names no series: by the indicator's formula, of periods
// like the due one only: the one asked for, or the last one with a value that is over at the
// snapshot, up to the due period. Null NO_ACTUAL: the indicator has no formula, or no such period
// is over; PERIOD_MISMATCH: another kind of period is asked for; else what the formula says, of the
// last one.
//
// FAILED_PRECONDITION: UNIT_MISMATCH; NEEDS_SERIES: `evaluate` is unset; and what the evaluator
// calls INVALID_ARGUMENT, as it is the target that is wrong, not the question. Errors of the
// evaluator.
absl::StatusOr<Actual> FindByFormula(const StatisticContext& context,
                                     const catalog::v1::Resource& target,
                                     const catalog::v1::Resource& indicator,
                                     const WantedPeriod& wanted,
                                     const IndicatorEvaluator& evaluate);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_FORMULA_ACTUAL_H_
