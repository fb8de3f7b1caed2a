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
  if (plan.prev || plan.yoy || plan.ytd || plan.ytd_yoy) days.first -= kBaseDays;
  for (const PlannedFarBase& base : plan.far_bases) {
    days.first = std::min(days.first, plan.calendar->DayOf(range.start_us) - 366 * base.years);
    if (base.years != 0) continue;
    days.first = std::min(days.first, plan.calendar->DayOf(plan.index_base.start_us));
    days.end = std::max(days.end, std::min(end, plan.calendar->DayOf(plan.index_base.end_us) + 1));
  }
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

// Whether events of the source may be in the answer, by the days that it reports: those of the
// periods and of what they are compared with, for the year to date a year before, or two.
bool MayCount(const Plan& plan, const catalog_client::Source& source) {
  if (plan.reads_all_time) return true;
  constexpr int64_t kYearUs = int64_t{366} * 86'400 * 1'000'000;
  const int64_t before = plan.ytd_yoy ? 2 * kYearUs : plan.ytd ? kYearUs : 0;
  return std::any_of(plan.periods.begin(), plan.periods.end(), [&](const PlannedPeriod& period) {
    return source.reports.start_us < period.end_us &&
           period.start_us - before < source.reports.end_us;
  });
}

void NoteSynthetic(Plan* plan) {
  for (const catalog_client::Source& source : plan->view->sources().items()) {
    if (source.kind != catalog_client::SourceKind::kLive || !source.synthetic) continue;
    if (!Counts(*plan, source) || !MayCount(*plan, source)) continue;
    plan->notes.push_back(
        {"SYNTHETIC", absl::StrCat("sources/", source.id,
                                   " reports made-up events of these times: this is no statistic "
                                   "of what happened.")});
  }
}

// What one source reports.
struct Reporting {
  std::string id;
  // One of the two.
  std::vector<Coverage::Window> window;
  std::vector<Coverage::Closer> closer;
};

// Of all sources together; also of each, where the plan asks for that. `reporting`, not null, gets
// each of them.
absl::StatusOr<Coverage> CoverageOf(const PlanInputs& inputs, const Range& range, Plan* plan,
                                    std::vector<Reporting>* reporting) {
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
    plan->reports.start_us = std::min(plan->reports.start_us, source.reports.start_us);
    plan->reports.end_us = std::max(plan->reports.end_us, source.reports.end_us);
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
    if (reporting != nullptr) reporting->push_back({source.id, std::move(window), closer});
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

PlannedBase Find(const std::vector<PlannedPeriod>& periods, const std::optional<Period>& wanted) {
  if (!wanted) return {};
  const auto it = std::lower_bound(
      periods.begin(), periods.end(), wanted->start_us,
      [](const PlannedPeriod& p, int64_t start_us) { return p.period.start_us < start_us; });
  if (it == periods.end() || it->period.start_us != wanted->start_us) return {};
  return {.period = static_cast<int32_t>(it - periods.begin())};
}

// The same period so many years before; none where a year has no such period.
std::optional<Period> YearsEarlier(const Calendar& calendar, const Period& period, uint32_t years) {
  std::optional<Period> earlier = period;
  for (; years > 0 && earlier; --years) earlier = calendar.YearEarlier(*earlier);
  return earlier;
}

// What each shown period is compared with.
struct Bases {
  std::optional<Period> prev, yoy;
  // Of Plan::far_bases.
  std::vector<std::optional<Period>> far;
};

// `before`: the one shown before; null: `period` is the first.
Bases BasesOf(const Calendar& calendar, const Plan& plan, const Period& period,
              const Period* before) {
  Bases bases;
  if (plan.prev) bases.prev = before != nullptr ? *before : calendar.Previous(period);
  if (plan.yoy) bases.yoy = calendar.YearEarlier(period);
  for (const PlannedFarBase& base : plan.far_bases) {
    bases.far.push_back(base.years == 0 ? plan.index_base
                                        : YearsEarlier(calendar, period, base.years));
  }
  return bases;
}

// Adds the periods that shown ones are compared with, where they touch `known`, and links them. The
// shown ones come without gaps.
void AddBases(const Calendar& calendar, const Range& known, Plan* plan) {
  std::vector<PlannedPeriod>& periods = plan->periods;
  const Range shown = {periods.front().period.start_us, periods.back().period.end_us};
  std::vector<Bases> wanted;
  wanted.reserve(periods.size());
  std::vector<PlannedPeriod> added;
  const auto add = [&](const std::optional<Period>& base) {
    if (!base || base->end_us <= known.start_us || base->start_us >= known.end_us) return;
    if (base->start_us < shown.start_us || base->start_us >= shown.end_us) {
      added.push_back(Base(*base));
    }
  };
  for (const PlannedPeriod& period : periods) {
    const Period* const before = &period == &periods.front() ? nullptr : &(&period)[-1].period;
    wanted.push_back(BasesOf(calendar, *plan, period.period, before));
    add(wanted.back().prev);
    add(wanted.back().yoy);
    for (const std::optional<Period>& base : wanted.back().far) add(base);
  }
  const auto by_start = [](const PlannedPeriod& a, const PlannedPeriod& b) {
    return a.period.start_us < b.period.start_us;
  };
  std::sort(added.begin(), added.end(), by_start);
  added.erase(std::unique(added.begin(), added.end(),
                          [](const PlannedPeriod& a, const PlannedPeriod& b) {
                            return a.period == b.period;
                          }),
              added.end());
  std::vector<PlannedPeriod> all;
  all.reserve(periods.size() + added.size());
  std::merge(periods.begin(), periods.end(), added.begin(), added.end(), std::back_inserter(all),
             by_start);
  periods = std::move(all);
  auto bases = wanted.begin();
  for (PlannedPeriod& period : periods) {
    if (!period.shown) continue;
    period.prev = Find(periods, bases->prev);
    period.yoy = Find(periods, bases->yoy);
    for (const std::optional<Period>& base : bases->far) {
      period.far.push_back(Find(periods, base));
    }
    ++bases;
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

// Whose days make growth null that all events are compared for: a source that begins or ends, or
// lacks days, inside of a period that is over.
void NotePartialSources(const std::vector<Reporting>& reporting, const Coverage& all, Plan* plan) {
  // Each takes microseconds.
  constexpr size_t kMostJudged = 5'000;
  std::vector<const PlannedPeriod*> partial;
  for (const PlannedPeriod& period : plan->periods) {
    const bool whole = period.asked_start_us == period.period.start_us &&
                       period.asked_end_us == period.period.end_us;
    const bool over = plan->calendar->DayOf(period.period.end_us - 1) < all.first_day_not_over();
    if (whole && over && period.coverage.complete < period.coverage.expected) {
      partial.push_back(&period);
    }
  }
  if (partial.empty()) return;
  std::vector<std::string> named;
  size_t judged = 0;
  for (const Reporting& one : reporting) {
    if (judged + partial.size() > kMostJudged) break;
    judged += partial.size();
    const Coverage own(*plan->calendar, one.window, plan->snapshot.accepted_time_us, one.closer);
    const auto found =
        std::find_if(partial.begin(), partial.end(), [&own](const PlannedPeriod* period) {
          const PeriodCoverage coverage =
              own.Judge(period->period, period->asked_start_us, period->asked_end_us);
          return coverage.complete < coverage.expected;
        });
    if (found == partial.end()) continue;
    std::string name = plan->calendar->Name((*found)->period);
    // A cumulative one.
    if (name.empty()) name = (*found)->shown ? plan->period_name : "the same of the year before";
    named.push_back(absl::StrCat("sources/", one.id, " (", name, ")"));
  }
  if (named.empty()) return;
  plan->notes.push_back(
      {"PARTIAL_SOURCES",
       absl::StrCat(NamedFew(named), named.size() == 1 ? " is" : " are",
                    " not complete in a whole period, so growth from or to it is null "
                    "(PARTIAL_PERIOD); `panel matched` compares the sources that are.")});
}

}  // namespace

absl::Status PlanPeriods(const Query& query, const PlanInputs& inputs, Plan* plan) {
  TM_ASSIGN_OR_RETURN(const Range range, ParseRange(query, *inputs.calendar));
  plan->asked = range;
  // To a caller with a region scope other sources are not named.
  const bool scoped = std::any_of(plan->filters.begin(), plan->filters.end(),
                                  [](const PlannedFilter& filter) { return filter.at_event; });
  const bool grows = plan->prev || plan->yoy || !plan->far_bases.empty();
  const bool names_partial = grows && !plan->to_date && !scoped && plan->panel != Panel::kMatched &&
                             plan->SourceDimension() < 0;
  std::vector<Reporting> reporting;
  TM_ASSIGN_OR_RETURN(const Coverage coverage,
                      CoverageOf(inputs, range, plan, names_partial ? &reporting : nullptr));
  const Range effects = {inputs.event_times.first_us, inputs.event_times.last_us + 1};
  if (query.grain == Grain::kAll && !IsOnePeriod(query)) {
    plan->periods.push_back(Shown({Grain::kAll, range.start_us, range.end_us}, range));
    Judge(*plan, coverage, &plan->periods);
    NoteSynthetic(plan);
    const Range read = Intersection(range, effects);
    plan->has_effects = !IsEmpty(read);
    if (plan->has_effects) {
      plan->periods[0].start_us = read.start_us;
      plan->periods[0].end_us = read.end_us;
    }
    PlanPeriodGeographies(plan);
    NoteEmptyGroups(plan);
    return absl::OkStatus();
  }
  // Broken down and not compared, periods without any effect make no rows and are left out.
  const bool compared = plan->Compares();
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
  NoteSynthetic(plan);
  PlanPeriodGeographies(plan);
  NoteEmptyGroups(plan);
  Judge(*plan, coverage, &plan->periods);
  if (compared) TM_RETURN_IF_ERROR(PlanPanels(coverage, plan));
  if (names_partial) NotePartialSources(reporting, coverage, plan);
  plan->has_effects =
      std::any_of(plan->periods.begin(), plan->periods.end(), [&](const PlannedPeriod& period) {
        return !IsEmpty(Intersection({period.start_us, period.end_us}, effects));
      });
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
