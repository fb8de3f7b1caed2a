#include "services/analytics/statistics/targets/formula_actual.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/targets/target_numbers.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// Most periods have a value, so few are asked for at once, the last ones first; then twice as many,
// and so on.
constexpr size_t kFirstAsked = 4, kMostAsked = 256;

// How far one period like the due one is from the next that does not overlap it; the first three
// quarters follow one another by years.
int64_t StepOf(const PeriodSpan& due) {
  const PeriodSpan next{due.in_months, due.end, due.end + due.length()};
  return AreLike(due, next) ? due.length() : kMonthsOfYear;
}

// Periods like the due one, the last first, that are over at the snapshot and not before the
// observatory's first day.
std::vector<PeriodSpan> Candidates(const StatisticContext& context, const PeriodSpan& due) {
  std::vector<PeriodSpan> candidates;
  const int64_t step = StepOf(due);
  for (PeriodSpan span = due;
       context.calendar->StartOfDay(span.first_day()) >= context.view->observatory()->start_us;
       span.first -= step, span.end -= step) {
    if (context.calendar->StartOfDay(span.end_day()) <= context.snapshot.accepted_time_us)
      candidates.push_back(span);
  }
  return candidates;
}

absl::Status AboutTarget(const pb::Resource& target, const absl::Status& error) {
  const absl::Status named = status::Prefixed(target.name(), error);
  if (named.code() != absl::StatusCode::kInvalidArgument) return named;
  return status::WithReason(absl::FailedPreconditionError(named.message()),
                            status::ReasonOf(error));
}

Actual ActualOf(const IndicatorValue& value, const PeriodSpan& period,
                const base::Rational& to_goal, const std::string& indicator) {
  Actual actual{.value = {value.value * to_goal, value.null}, .period = period};
  if (value.null != NullReason::kNone) return actual;
  actual.status = StatusLetter(value.status);
  actual.qualified = (value.flags & kQualifiedFlag) != 0;
  actual.carried = (value.flags & kCarriedFlag) != 0;
  actual.weighed = (value.flags & kCrosswalkFlag) != 0;
  actual.partial = (value.flags & kPartialFlag) != 0;
  actual.break_before = (value.flags & kBreakFlag) != 0;
  actual.source = indicator;
  for (const ValueSource& source : value.sources)
    absl::StrAppend(&actual.source, ", ", source.series, " ", source.vintage);
  return actual;
}

}  // namespace

absl::StatusOr<Actual> FindByFormula(const StatisticContext& context, const pb::Resource& target,
                                     const pb::Resource& indicator, const WantedPeriod& wanted,
                                     const IndicatorEvaluator& evaluate) {
  Actual none{.period = wanted.asked};
  if (!indicator.indicator().has_formula()) return none;
  if (!wanted.is_like()) {
    none.value.null = NullReason::kPeriodMismatch;
    return none;
  }
  if (!evaluate) {
    return status::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            target.name(), " names no series, and this release does not evaluate the formula of ",
            indicator.name(), "; name a series in the target")),
        "NEEDS_SERIES");
  }
  const auto to_goal =
      UnitFactor(indicator.indicator().unit(), target.target().quantitative().unit());
  if (!to_goal) {
    return status::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            target.name(), ": its numbers cannot be compared with those of ", indicator.name(),
            ", which are divided by something else; state both `per` the same")),
        "UNIT_MISMATCH");
  }
  const std::vector<PeriodSpan> candidates =
      wanted.asked ? std::vector{*wanted.asked} : Candidates(context, wanted.due);
  const std::vector<std::string> places{target.target().region()};
  size_t most = kFirstAsked;
  for (size_t begin = 0, count = 0; begin < candidates.size(); begin += count) {
    TM_RETURN_IF_ERROR(context.stop());
    count = std::min(most, candidates.size() - begin);
    std::vector<Period> periods;
    for (size_t i = 0; i < count; ++i)
      periods.push_back(CalendarPeriod(candidates[begin + i], *context.calendar));
    const auto asked = evaluate(context, indicator.name(), places, periods, {});
    if (!asked.ok()) return AboutTarget(target, asked.status());
    for (size_t i = 0; i < count; ++i) {
      Actual actual = ActualOf(asked->values[i], candidates[begin + i], *to_goal, indicator.name());
      if (!IsNull(actual.value)) {
        actual.notes = asked->notes;
        if (count == 1 || actual.notes.empty()) return actual;
        // Those of this period alone.
        const auto alone =
            evaluate(context, indicator.name(), places, std::span(periods).subspan(i, 1), {});
        if (!alone.ok()) return AboutTarget(target, alone.status());
        actual.notes = alone->notes;
        return actual;
      }
      // Without a value no period is told, unless it was asked for.
      if (begin + i == 0) none.value.null = actual.value.null;
    }
    most = std::min(2 * most, kMostAsked);
  }
  return none;
}

}  // namespace tidemark::analytics
