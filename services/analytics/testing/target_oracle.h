#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_TARGET_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_TARGET_ORACLE_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/analytics/testing/exact.h"
#include "services/analytics/testing/plain_catalog.h"
#include "services/analytics/testing/plain_rows.h"

namespace tidemark::analytics::testing {

// Days, and the months that they are, if they are some.
struct GoalSpan {
  PlainPeriod days;
  bool in_months = false;
  // Months since January of the year 0, else days.
  int64_t first = 0, end = 0;

  explicit GoalSpan(const PlainPeriod& period)
      : days(period), first(period.first), end(period.end) {
    const NaiveDate a = DateOf(period.first), b = DateOf(period.end);
    in_months = a.day == 1 && b.day == 1;
    if (in_months) first = int64_t{a.year} * 12 + a.month - 1;
    if (in_months) end = int64_t{b.year} * 12 + b.month - 1;
  }
  int64_t length() const { return end - first; }
  bool is_year() const { return in_months && length() == 12; }
  // Letter and number of the longest periods that it is made of.
  std::pair<char, int64_t> Longest() const {
    if (!in_months) {
      const bool weeks = Weekday(first) == 1 && length() % 7 == 0;
      return weeks ? std::pair('W', length() / 7) : std::pair('D', length());
    }
    for (const auto& [letter, months] : {std::pair('Y', 12), {'H', 6}, {'Q', 3}}) {
      if (first % months == 0 && length() % months == 0) return {letter, length() / months};
    }
    return {'M', length()};
  }
  bool IsLike(const GoalSpan& other) const {
    if (Longest() != other.Longest()) return false;
    return !in_months || Longest().second == 1 || (first - other.first) % 12 == 0;
  }
};

struct PlainGoal {
  std::string name, region, indicator, series, unit_name;
  catalog::v1::GoalKind kind = catalog::v1::GOAL_KIND_AT_LEAST;
  GoalSpan due{PlainPeriod()};
  Exact value, tolerance;
  std::optional<std::pair<GoalSpan, Exact>> baseline;
  std::vector<std::pair<GoalSpan, Exact>> path;
  bool qualified = false;
  // Parts of a year add up to it.
  bool additive = false;
  // What turns numbers of the series or the indicator into the goal's.
  Exact to_goal = 1;
};

struct PlainActual {
  NullReason null = NullReason::kNoActual;
  Exact value;
  std::optional<GoalSpan> period;
  bool trailing = false, forecast = false, qualified = false, carried = false, partial = false,
       breaks = false;
  std::string status, source;
};

// Where goals stand.
class TargetOracle {
 public:
  explicit TargetOracle(const PlainCatalog& catalog) : catalog_(catalog) {}

  // From the figures of the goal's series. All of one place are alike but for their numbers and
  // whether there is one.
  PlainActual FromFigures(const PlainGoal& goal, const std::optional<GoalSpan>& asked) const {
    const std::vector<const PlainFigure*> figures = InTime(goal, asked);
    PlainActual found{.period = asked};
    const bool like = !asked || asked->IsLike(goal.due);
    bool kept_back = false;
    const auto wanted = [&](const PlainFigure& figure) {
      const GoalSpan span(figure.period);
      return asked ? span.days.days() == asked->days.days() : span.IsLike(goal.due);
    };
    for (auto at = figures.rbegin(); like && at != figures.rend(); ++at) {
      if (!wanted(**at)) continue;
      if (IsStated(**at)) return OfFigure(goal, **at, GoalSpan((*at)->period), (*at)->Value());
      kept_back |= (*at)->status == catalog::v1::OBSERVATION_STATUS_SUPPRESSED;
    }
    if (kept_back) found.null = NullReason::kSuppressed;
    if (asked && kept_back) return found;
    if (const auto trailing = FourQuarters(goal, asked, figures)) return *trailing;
    int64_t last_stated = INT64_MIN;
    bool others = false;
    for (const PlainFigure* const figure : figures) {
      if (!IsStated(*figure)) continue;
      last_stated = std::max(last_stated, figure->period.end);
      others |= !asked || figure->period.end > asked->days.first;
    }
    for (const PlainFigure* const figure : figures) {
      const bool forecast =
          figure->digits && figure->status == catalog::v1::OBSERVATION_STATUS_FORECAST;
      if (!forecast || !like || !goal.due.is_year() || !wanted(*figure)) continue;
      if (!asked && figure->period.end < last_stated) continue;
      PlainActual actual = OfFigure(goal, *figure, GoalSpan(figure->period), figure->Value());
      actual.forecast = true;
      return actual;
    }
    if (!kept_back && others) found.null = NullReason::kPeriodMismatch;
    return found;
  }

  // The newest figure, where it is of the first months of a year that the goal is of.
  const PlainFigure* FirstMonths(const PlainGoal& goal,
                                 const std::optional<GoalSpan>& asked) const {
    if (!goal.additive || !goal.due.is_year()) return nullptr;
    const std::vector<const PlainFigure*> figures = InTime(goal, asked);
    int64_t newest = INT64_MIN;
    for (const PlainFigure* const figure : figures) {
      if (IsStated(*figure)) newest = std::max(newest, figure->period.end);
    }
    for (const PlainFigure* const figure : figures) {
      const GoalSpan span(figure->period);
      if (IsStated(*figure) && figure->period.end == newest && span.in_months &&
          span.length() < 12 && (span.first - goal.due.first) % 12 == 0) {
        return figure;
      }
    }
    return nullptr;
  }

  PlainRow Row(const PlainGoal& goal, const PlainActual& actual, bool annualised) const {
    const bool there = actual.null == NullReason::kNone;
    const Exact& x = actual.value;
    const auto real = [](const Exact& value) { return PlainValue::Exactly(Nearest(value)); };
    PlainValue path = PlainValue::Null(actual.null), progress = path, growth = path;
    std::optional<Exact> way;
    if (actual.period) {
      NullReason why = NullReason::kNone;
      way = Way(goal, *actual.period, &why);
      path = way ? real(*way) : PlainValue::Null(why);
    }
    if (!goal.baseline) {
      progress = PlainValue::Null(NullReason::kNoBaseline);
    } else if (goal.baseline->second == goal.value) {
      progress = PlainValue::Null(NullReason::kBaselineIsGoal);
    } else if (there) {
      const Exact& b = goal.baseline->second;
      progress = real(Exact(x - b) / Exact(goal.value - b));
    }
    if (there) growth = Growth(goal, x, actual.period->days.end, *actual.period);
    return {{"target", PlainValue::Text(goal.name)},
            {"region", PlainValue::Text(goal.region)},
            {"indicator", PlainValue::Text(goal.indicator)},
            {"kind", PlainValue::Text(goal.kind == catalog::v1::GOAL_KIND_AT_LEAST  ? "AT_LEAST"
                                      : goal.kind == catalog::v1::GOAL_KIND_AT_MOST ? "AT_MOST"
                                                                                    : "ABOUT")},
            {"due", PlainValue::Text(goal.due.days.name)},
            {"period", PlainValue::Text(actual.period ? actual.period->days.name : "")},
            {"unit", PlainValue::Text(goal.unit_name)},
            {"actual", there ? real(x) : PlainValue::Null(actual.null)},
            {"goal", real(goal.value)},
            {"baseline", goal.baseline ? real(goal.baseline->second)
                                       : PlainValue::Null(NullReason::kNoBaseline)},
            {"progress", progress},
            {"path_value", path},
            {"on_track", PlainValue::Text(there && way ? IsThere(goal, x, *way) : "")},
            {"reached", PlainValue::Text(there ? IsThere(goal, x, goal.value) : "")},
            {"needed_growth", growth},
            {"source", PlainValue::Text(actual.source)},
            {"status", PlainValue::Text(actual.status)},
            {"flags", PlainValue::Text(FlagsOf(goal, actual, annualised))}};
  }

  PlainRow LikeForLike(const PlainGoal& goal, const PlainFigure& figure) const {
    const GoalSpan months(figure.period);
    const int first = static_cast<int>(months.first);
    const GoalSpan year(MonthsFrom(first / 12, first % 12, 12));
    const Exact part = figure.Value() * goal.to_goal;
    const Exact annualised = part * 12 / ExactOf(months.length());
    return {{"target", PlainValue::Text(goal.name)},
            {"period", PlainValue::Text(figure.period.name)},
            {"unit", PlainValue::Text(goal.unit_name)},
            {"part", PlainValue::Exactly(Nearest(part))},
            {"annualised", PlainValue::Exactly(Nearest(annualised))},
            {"needed_growth", Growth(goal, annualised, year.days.end, year)},
            {"naive_growth", Growth(goal, part, year.days.end, year)}};
  }

 private:
  static bool IsStated(const PlainFigure& figure) {
    return figure.digits && figure.status != catalog::v1::OBSERVATION_STATUS_FORECAST;
  }
  static std::string LetterOf(catalog::v1::ObservationStatus status) {
    switch (status) {
      case catalog::v1::OBSERVATION_STATUS_REVISED:
        return "R";
      case catalog::v1::OBSERVATION_STATUS_PROVISIONAL:
        return "P";
      case catalog::v1::OBSERVATION_STATUS_ESTIMATED:
        return "E";
      case catalog::v1::OBSERVATION_STATUS_IMPUTED:
        return "I";
      case catalog::v1::OBSERVATION_STATUS_LOW_RELIABILITY:
        return "U";
      case catalog::v1::OBSERVATION_STATUS_FORECAST:
        return "F";
      default:
        return "A";
    }
  }

  // Up to the period asked for or due, by end and start.
  std::vector<const PlainFigure*> InTime(const PlainGoal& goal,
                                         const std::optional<GoalSpan>& asked) const {
    std::vector<const PlainFigure*> figures;
    const auto& all = catalog_.figures();
    for (auto at = all.lower_bound({goal.series, goal.region, INT64_MIN, INT64_MIN});
         at != all.end() && at->second.series == goal.series && at->second.place == goal.region;
         ++at) {
      if (at->second.period.end <= (asked ? asked->days.end : goal.due.days.end))
        figures.push_back(&at->second);
    }
    std::stable_sort(figures.begin(), figures.end(), [](const auto* a, const auto* b) {
      return std::pair(a->period.end, a->period.first) < std::pair(b->period.end, b->period.first);
    });
    return figures;
  }

  PlainActual OfFigure(const PlainGoal& goal, const PlainFigure& figure, const GoalSpan& span,
                       const Exact& value) const {
    PlainActual actual{.null = NullReason::kNone, .value = value * goal.to_goal, .period = span};
    actual.qualified = figure.qualified;
    actual.status = LetterOf(figure.status);
    actual.source = absl::StrCat(figure.series, " ", figure.vintage);
    return actual;
  }

  // What the months from `first` to `end` sum up to, if that follows from figures.
  static std::optional<Exact> SumOf(const std::vector<GoalSpan>& spans,
                                    const std::vector<const PlainFigure*>& figures, int64_t first,
                                    int64_t end) {
    std::map<int64_t, Exact> before = {{first, 0}};
    for (bool more = true; more && !before.contains(end);) {
      more = false;
      for (size_t i = 0; i < spans.size(); ++i) {
        const int64_t from = spans[i].first, to = spans[i].end;
        if (before.contains(from) && !before.contains(to))
          before[to] = before[from] + figures[i]->Value(), more = true;
        if (before.contains(to) && !before.contains(from))
          before[from] = before[to] - figures[i]->Value(), more = true;
      }
    }
    if (!before.contains(end)) return std::nullopt;
    return before[end];
  }
  std::optional<PlainActual> FourQuarters(const PlainGoal& goal,
                                          const std::optional<GoalSpan>& asked,
                                          const std::vector<const PlainFigure*>& in_time) const {
    if (!goal.additive || !goal.due.is_year() || (asked && !asked->in_months)) return std::nullopt;
    std::vector<const PlainFigure*> figures;
    std::vector<GoalSpan> spans;
    for (const PlainFigure* const figure : in_time) {
      const GoalSpan span(figure->period);
      if (!IsStated(*figure) || !span.in_months) continue;
      figures.push_back(figure);
      spans.push_back(span);
    }
    if (figures.empty()) return std::nullopt;
    std::vector<int64_t> ends;
    if (asked) ends.push_back(asked->end);
    for (const GoalSpan& span : spans) {
      if (!asked) ends.insert(ends.end(), {span.first, span.end});
    }
    std::sort(ends.rbegin(), ends.rend());
    for (const int64_t end : ends) {
      if (end % 3 != 0) continue;
      const std::optional<Exact> sum = SumOf(spans, figures, end - 12, end);
      if (!sum) continue;
      const int64_t first = end - 12;
      const GoalSpan year(
          MonthsFrom(static_cast<int>(first / 12), static_cast<int>(first % 12), 12));
      PlainActual actual = OfFigure(goal, *figures[0], year, *sum);
      actual.trailing = true;
      // A figure of these very months stands alone.
      const bool alone = std::any_of(spans.begin(), spans.end(), [&](const GoalSpan& span) {
        return span.first == first && span.end == end;
      });
      actual.breaks = figures[0]->break_before && !alone;
      return actual;
    }
    return std::nullopt;
  }

  static int64_t PlaceOf(const GoalSpan& span, bool months) {
    return months ? span.first : span.days.first;
  }
  static std::optional<Exact> Way(const PlainGoal& goal, const GoalSpan& period, NullReason* why) {
    bool months = period.in_months && goal.due.in_months;
    if (goal.baseline) months &= goal.baseline->first.in_months;
    for (const auto& [span, value] : goal.path) months &= span.in_months;
    // The first value for a place counts.
    std::map<int64_t, Exact> steps;
    const int64_t due = PlaceOf(goal.due, months), at = PlaceOf(period, months);
    if (at >= due) return goal.value;
    if (goal.baseline) steps[PlaceOf(goal.baseline->first, months)] = goal.baseline->second;
    for (const auto& [span, value] : goal.path) {
      const int64_t place = PlaceOf(span, months);
      const bool behind_base = !goal.baseline || PlaceOf(goal.baseline->first, months) < place;
      if (behind_base && place < due) steps.try_emplace(place, value);
    }
    steps[due] = goal.value;
    const auto next = steps.upper_bound(at);
    if (next == steps.begin()) {
      *why = goal.baseline ? NullReason::kNoBase : NullReason::kNoBaseline;
      return std::nullopt;
    }
    const auto from = std::prev(next);
    return Exact(from->second + Exact(next->second - from->second) * ExactOf(at - from->first) /
                                    ExactOf(next->first - from->first));
  }
  static std::string IsThere(const PlainGoal& goal, const Exact& x, const Exact& wanted) {
    const bool there = goal.kind == catalog::v1::GOAL_KIND_AT_LEAST ? x >= wanted
                       : goal.kind == catalog::v1::GOAL_KIND_AT_MOST
                           ? x <= wanted
                           : abs(Exact(x - wanted)) <= goal.tolerance;
    return there ? "YES" : "NO";
  }
  static PlainValue Growth(const PlainGoal& goal, const Exact& x, int64_t end_day,
                           const GoalSpan& period) {
    if (sgn(x) <= 0 || sgn(goal.value) <= 0) return PlainValue::Null(NullReason::kNotPositive);
    const bool months = goal.due.in_months && period.in_months;
    const int64_t left = months ? goal.due.end - period.end : goal.due.days.end - end_day;
    if (left <= 0) return PlainValue::Null(NullReason::kTooShort);
    // A year is 365.2425 days.
    const Exact power =
        months ? Power(goal.value / x, 12, left) : Power(goal.value / x, 3'652'425, left * 10'000);
    const double growth = Nearest(power - 1);
    return std::isfinite(growth) ? PlainValue::Exactly(growth)
                                 : PlainValue::Null(NullReason::kTooShort);
  }
  static std::string FlagsOf(const PlainGoal& goal, const PlainActual& actual, bool annualised) {
    std::string flags;
    const auto add = [&](bool is_so, const char* flag) {
      if (is_so) absl::StrAppend(&flags, flags.empty() ? "" : " ", flag);
    };
    add(actual.trailing, "TRAILING_FOUR_QUARTERS");
    add(actual.forecast, "YEAR_FORECAST");
    add(annualised, "ANNUALISED");
    add(actual.qualified || goal.qualified, "QUALIFIED");
    add(actual.carried, "CARRIED");
    add(actual.partial, "PARTIAL");
    add(actual.breaks, "BREAK");
    return flags;
  }

  const PlainCatalog& catalog_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_TARGET_ORACLE_H_
