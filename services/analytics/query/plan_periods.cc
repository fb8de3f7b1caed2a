#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/period_range.h"
#include "services/analytics/query/plan_words.h"

namespace tidemark::analytics {
namespace {

using Range = TimeRange;

absl::StatusOr<Range> ParseRange(const Query& query, const Calendar& calendar) {
  return ParsePeriodRange(calendar, "query.range", query.first, query.last);
}

// Whether a source filter of the query lets the source through.
bool Counts(const Plan& plan, const catalog_client::Source& source) {
  return std::all_of(plan.filters.begin(), plan.filters.end(), [&](const PlannedFilter& filter) {
    if (filter.word == nullptr || filter.word->field != Field::kSource) return true;
    const bool named =
        std::find(filter.codes.begin(), filter.codes.end(), source.id) != filter.codes.end();
    return named != filter.exclude;
  });
}

// Days that the answer can ask about: those of the range, and of what it is compared with.
struct DayRange {
  int64_t first = 0;
  int64_t end = 0;
};

DayRange DaysOf(const Plan& plan, const Range& range) {
  // A period before, or a year before.
  constexpr int64_t kBaseDays = 800;
  const int64_t end = plan.calendar->DayOf(plan.snapshot.accepted_time_us) + 1;
  DayRange days = {plan.calendar->DayOf(range.start_us),
                   std::min(end, plan.calendar->DayOf(range.end_us) + 1)};
  if (plan.prev || plan.yoy) days.first -= kBaseDays;
  // Whole periods, though the range may cut them.
  days.first -= 366;
  days.end = std::min(end, days.end + 366);
  return days;
}

absl::StatusOr<Coverage::Closer> ReadCloser(const Plan& plan, const PlanInputs& inputs,
                                            const catalog_client::Source& source,
                                            const DayRange& range) {
  Coverage::Closer closer = {.window = {source.reports.start_us, source.reports.end_us}};
  const int64_t today = plan.calendar->DayOf(plan.snapshot.accepted_time_us);
  const int64_t first = std::max(range.first, plan.calendar->DayOf(source.reports.start_us));
  const int64_t end = std::min(range.end, plan.calendar->DayOf(source.reports.end_us));
  // It is not over, so nothing can be said to be missing.
  if (first <= today && today < end) closer.heard.push_back(today);
  if (inputs.source_days == nullptr || first >= end) return closer;
  TM_RETURN_IF_ERROR(inputs.source_days->ReadStates(
      source.id, plan.snapshot.log_size, static_cast<int32_t>(first), static_cast<int32_t>(end),
      [&](int32_t day, SourceDayState state) {
        if (state == SourceDayState::kComplete) closer.complete.push_back(day);
        if (day != today) closer.heard.push_back(day);
      }));
  return closer;
}

// Of all sources together; also of each, where the plan asks for that.
absl::StatusOr<Coverage> CoverageOf(const PlanInputs& inputs, const Range& range, Plan* plan) {
  const bool each = plan->SourceDimension() >= 0 || plan->panel == Panel::kMatched;
  const int64_t now_us = plan->snapshot.accepted_time_us;
  const DayRange days = DaysOf(*plan, range);
  std::vector<Coverage::Window> windows;
  std::vector<Coverage::Closer> closers;
  for (const catalog_client::Source& source : plan->view->sources().items()) {
    if (source.kind == catalog_client::SourceKind::kTest || !Counts(*plan, source)) continue;
    if (source.kind != catalog_client::SourceKind::kLive) {
      plan->has_other_sources = true;
      continue;
    }
    std::vector<Coverage::Window> window;
    std::vector<Coverage::Closer> closer;
    if (source.closes_days) {
      TM_ASSIGN_OR_RETURN(closer.emplace_back(), ReadCloser(*plan, inputs, source, days));
    } else {
      window.push_back({source.reports.start_us, source.reports.end_us});
    }
    if (each) {
      plan->sources.push_back(
          {source.id, std::make_shared<const Coverage>(*plan->calendar, window, now_us, closer)});
    }
    windows.insert(windows.end(), window.begin(), window.end());
    std::move(closer.begin(), closer.end(), std::back_inserter(closers));
  }
  std::sort(plan->sources.begin(), plan->sources.end(),
            [](const PlannedSource& a, const PlannedSource& b) { return a.id < b.id; });
  return Coverage(*plan->calendar, windows, now_us, closers);
}

// First time at which new consumers can be told from old ones: twelve months after the first
// source, whatever the filters, began to report.
int64_t EndOfLeftCensoring(const Plan& plan) {
  int64_t first_us = kEndOfTime;
  for (const catalog_client::Source& source : plan.view->sources().items()) {
    if (source.kind != catalog_client::SourceKind::kLive) continue;
    first_us = std::min(first_us, source.reports.start_us);
  }
  if (first_us == kEndOfTime) return kEndOfTime;
  const absl::CivilDay first = absl::CivilDay(1970, 1, 1) + plan.calendar->DayOf(first_us);
  const absl::CivilDay end(first.year() + 1, first.month(), first.day());
  return plan.calendar->StartOfDay(end - absl::CivilDay(1970, 1, 1));
}

bool IsEmpty(const Range& range) { return range.start_us >= range.end_us; }

Range Intersection(const Range& a, const Range& b) {
  return {std::max(a.start_us, b.start_us), std::min(a.end_us, b.end_us)};
}

// The least range that holds both.
Range Hull(const Range& a, const Range& b) {
  if (IsEmpty(a)) return b;
  if (IsEmpty(b)) return a;
  return {std::min(a.start_us, b.start_us), std::max(a.end_us, b.end_us)};
}

PlannedPeriod Shown(const Period& period, const Range& range) {
  const int64_t start_us = std::max(period.start_us, range.start_us);
  const int64_t end_us = std::min(period.end_us, range.end_us);
  return {.period = period,
          .asked_start_us = start_us,
          .asked_end_us = end_us,
          .start_us = start_us,
          .end_us = end_us};
}

PlannedPeriod Base(const Period& period) {
  PlannedPeriod base = Shown(period, {});
  base.shown = false;
  return base;
}

int32_t Find(const std::vector<PlannedPeriod>& periods, const std::optional<Period>& wanted) {
  if (!wanted) return kNoBase;
  const auto it = std::lower_bound(
      periods.begin(), periods.end(), wanted->start_us,
      [](const PlannedPeriod& p, int64_t start_us) { return p.period.start_us < start_us; });
  if (it == periods.end() || it->period.start_us != wanted->start_us) return kNoBase;
  return static_cast<int32_t>(it - periods.begin());
}

// Adds the periods that shown ones are compared with, where they touch `known`, and links them. The
// shown ones come without gaps.
void AddBases(const Calendar& calendar, const Range& known, Plan* plan) {
  std::vector<PlannedPeriod>& periods = plan->periods;
  const size_t shown = periods.size();
  const Range shown_range = {periods.front().period.start_us, periods.back().period.end_us};
  std::vector<std::optional<Period>> earlier(plan->yoy ? shown : 0);
  std::vector<PlannedPeriod> bases;
  const auto add = [&](const std::optional<Period>& base) {
    if (!base || base->end_us <= known.start_us || base->start_us >= known.end_us) return;
    if (base->start_us < shown_range.start_us) bases.push_back(Base(*base));
  };
  for (size_t i = 0; i < earlier.size(); ++i) {
    earlier[i] = calendar.YearEarlier(periods[i].period);
    add(earlier[i]);
  }
  if (plan->prev) add(calendar.Previous(periods.front().period));
  const auto by_start = [](const PlannedPeriod& a, const PlannedPeriod& b) {
    return a.period.start_us < b.period.start_us;
  };
  std::sort(bases.begin(), bases.end(), by_start);
  bases.erase(std::unique(bases.begin(), bases.end(),
                          [](const PlannedPeriod& a, const PlannedPeriod& b) {
                            return a.period == b.period;
                          }),
              bases.end());
  // All of them lie before what is shown.
  const size_t first = bases.size();
  periods.insert(periods.begin(), bases.begin(), bases.end());
  for (size_t i = first; i < periods.size(); ++i) {
    if (plan->yoy) periods[i].yoy = Find(periods, earlier[i - first]);
    if (plan->prev && i > 0 && periods[i - 1].period.end_us == periods[i].period.start_us) {
      periods[i].prev = static_cast<int32_t>(i - 1);
    }
  }
}

absl::Status AddOnePeriod(const Query& query, const Calendar& calendar, const Range& range,
                          Plan* plan) {
  TM_ASSIGN_OR_RETURN(const Period period, calendar.Parse(query.first));
  plan->period_name = query.first;
  plan->periods.push_back(Shown(period, range));
  return absl::OkStatus();
}

void Judge(const Plan& plan, const Coverage& coverage, std::vector<PlannedPeriod>* periods) {
  const bool censors = plan.reads_all_time;
  const int64_t censored_until = censors ? EndOfLeftCensoring(plan) : 0;
  for (PlannedPeriod& period : *periods) {
    period.coverage = coverage.Judge(period.period, period.asked_start_us, period.asked_end_us);
    period.week_53 = plan.yoy && plan.calendar->IsWeek53(period.period);
    period.left_censored = censors && period.period.start_us < censored_until;
  }
}

absl::Status HourToDate() {
  return status::InvalidArgument("query.to_date",
                                 "an hour has no days that are over; take a grain of a day or "
                                 "longer, or leave it out",
                                 "GRAIN_TOO_SHORT");
}

// Whose events are compared, and up to when.
absl::Status PlanGrowth(const Query& query, Plan* plan) {
  if (query.panel == Panel::kUnknown) {
    return status::InvalidArgument("query.panel", "unknown; want AS_REPORTED or MATCHED",
                                   "UNKNOWN_PANEL");
  }
  plan->panel = query.panel;
  plan->to_date = query.to_date;
  const bool compared = plan->prev || plan->yoy;
  for (const auto& [field, asked] : {std::pair("query.panel", query.panel == Panel::kMatched),
                                     std::pair("query.to_date", query.to_date)}) {
    if (!asked || compared) continue;
    return status::InvalidArgument(
        field, "says how to compare, but nothing is compared; set query.comparisons",
        "COMPARISON_MISSING");
  }
  return query.to_date && query.grain == Grain::kHour ? HourToDate() : absl::OkStatus();
}

}  // namespace

absl::Status PlanComparisons(const Query& query, Plan* plan) {
  for (size_t i = 0; i < query.comparisons.size(); ++i) {
    const std::string field = absl::StrCat("query.comparisons[", i, "]");
    const Comparison comparison = query.comparisons[i];
    if (comparison != Comparison::kPrev && comparison != Comparison::kYoy) {
      return status::InvalidArgument(field, "unknown; want PREV or YOY", "UNKNOWN_COMPARISON");
    }
    bool& asked = comparison == Comparison::kPrev ? plan->prev : plan->yoy;
    if (asked) return status::InvalidArgument(field, "is there twice; leave one out", "DUPLICATE");
    asked = true;
    if (query.grain == Grain::kAll && !IsOnePeriod(query)) {
      return status::InvalidArgument(field,
                                     "a comparison needs periods; set query.grain, such as MONTH, "
                                     "or name one period as both ends of query.range",
                                     "GRAIN_MISSING");
    }
  }
  return PlanGrowth(query, plan);
}

absl::Status CheckPeriodNames(const Query& query, const Calendar& calendar, const Plan& plan) {
  TM_RETURN_IF_ERROR(ParseRange(query, calendar).status());
  if (!IsOnePeriod(query)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const Period period, calendar.Parse(query.first));
  if (plan.to_date && period.grain == Grain::kHour) return HourToDate();
  if (!plan.prev || period.grain != Grain::kAll) return absl::OkStatus();
  return status::InvalidArgument(
      "query.comparisons",
      absl::StrCat("nothing precedes the cumulative period `", query.first,
                   "`; compare it with yoy, or take periods of one grain"),
      "PREV_UNDEFINED");
}

absl::Status PlanPeriods(const Query& query, const PlanInputs& inputs, Plan* plan) {
  TM_ASSIGN_OR_RETURN(const Range range, ParseRange(query, *inputs.calendar));
  TM_ASSIGN_OR_RETURN(const Coverage coverage, CoverageOf(inputs, range, plan));
  const Range effects = {inputs.event_times.first_us, inputs.event_times.last_us + 1};
  if (query.grain == Grain::kAll && !IsOnePeriod(query)) {
    plan->periods.push_back(Shown({Grain::kAll, range.start_us, range.end_us}, range));
    Judge(*plan, coverage, &plan->periods);
    const Range read = Intersection(range, effects);
    plan->has_effects = !IsEmpty(read);
    if (!plan->has_effects) return absl::OkStatus();
    plan->periods[0].start_us = read.start_us;
    plan->periods[0].end_us = read.end_us;
    return absl::OkStatus();
  }
  // Broken down and not compared, periods without any effect make no rows and are left out.
  const bool compared = plan->prev || plan->yoy;
  Range known = effects;
  if (compared || plan->dimensions.empty()) {
    const Coverage::Reach reach = coverage.reach();
    known = Hull(effects, {reach.start_us, reach.end_us});
  }
  if (IsOnePeriod(query)) {
    TM_RETURN_IF_ERROR(AddOnePeriod(query, *inputs.calendar, range, plan));
  } else {
    const Range shown = Intersection(range, known);
    if (IsEmpty(shown)) return absl::OkStatus();
    absl::StatusOr<std::vector<Period>> periods =
        inputs.calendar->Cover(query.grain, shown.start_us, shown.end_us, kMaxPeriods);
    if (!periods.ok()) return status::WithReason(periods.status(), "TOO_MANY_PERIODS");
    plan->periods.reserve(periods->size() * 3);
    for (const Period& period : *periods) plan->periods.push_back(Shown(period, range));
  }
  if (compared) AddBases(*inputs.calendar, known, plan);
  Judge(*plan, coverage, &plan->periods);
  if (compared) TM_RETURN_IF_ERROR(PlanPanels(coverage, plan));
  plan->has_effects =
      std::any_of(plan->periods.begin(), plan->periods.end(), [&](const PlannedPeriod& period) {
        return !IsEmpty(Intersection({period.start_us, period.end_us}, effects));
      });
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
