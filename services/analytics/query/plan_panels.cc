#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/plan_words.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMaxPanels = 400;
constexpr absl::CivilDay kEpoch(1970, 1, 1);

bool IsCut(const PlannedPeriod& period) {
  return period.asked_start_us != period.period.start_us ||
         period.asked_end_us != period.period.end_us;
}

bool IsLastOfMonth(absl::CivilDay day) { return (day + 1).day() == 1; }

// The same day of the year before; the last day of a month corresponds to the last day.
absl::CivilDay DayOfYearBefore(absl::CivilDay day) {
  if (IsLastOfMonth(day)) return absl::CivilDay(day.year() - 1, day.month() + 1, 1) - 1;
  return absl::CivilDay(day.year() - 1, day.month(), day.day());
}

class Planner {
 public:
  Planner(const Coverage& coverage, Plan* plan)
      : coverage_(coverage),
        plan_(*plan),
        now_us_(plan->snapshot.accepted_time_us),
        complete_(plan->periods.size()) {}

  absl::Status Run() {
    TM_RETURN_IF_ERROR(CheckFiscalYear());
    for (size_t i = 0; i < plan_.periods.size(); ++i) {
      PlannedPeriod& period = plan_.periods[i];
      period.prev_pair = Pair(static_cast<int32_t>(i), period.prev.period, /*yoy=*/false);
      period.yoy_pair = Pair(static_cast<int32_t>(i), period.yoy.period, /*yoy=*/true);
      AddBase(period.geography, &period.prev);
      AddBase(period.geography, &period.yoy);
      for (PlannedBase& base : period.far) AddBase(period.geography, &base);
      if (period.shown && (plan_.ytd || plan_.ytd_yoy)) AddYearToDate(&period);
      if (plan_.panels.size() > kMaxPanels) return TooManyPanels();
    }
    for (size_t i = 0; i < plan_.panels.size(); ++i) FinishPanel(static_cast<int32_t>(i));
    AddNotes();
    return absl::OkStatus();
  }

 private:
  struct Parts {
    PlannedPeriod value, base;
  };

  absl::Status TooManyPanels() const {
    const std::string_view what =
        plan_.panel == Panel::kMatched
            ? "the sources that are complete in both periods change too often: narrow the range, "
              "take a longer grain, or name sources in a filter"
        : plan_.ytd || plan_.ytd_yoy
            ? "too many years to date: narrow the range, or take a longer grain"
            : "the regions and groups of the query change too often: narrow the range, take a "
              "longer grain, or choose a geography, AT_EVENT or FIXED";
    return status::WithReason(absl::ResourceExhaustedError(
                                  absl::StrCat("more than ", kMaxPanels, " comparisons: ", what)),
                              "TOO_MANY_PANELS");
  }

  int FiscalStart() const { return plan_.view->observatory()->fiscal_start_month; }

  absl::Status CheckFiscalYear() const {
    if ((!plan_.ytd && !plan_.ytd_yoy) || plan_.periods.empty()) return absl::OkStatus();
    const Grain grain = plan_.periods.front().period.grain;
    const int months = grain == Grain::kHalfYear ? 6 : grain == Grain::kQuarter ? 3 : 1;
    if ((FiscalStart() - 1) % months == 0) return absl::OkStatus();
    return status::InvalidArgument(
        "query.comparisons",
        absl::StrCat("the fiscal year starts with month ", FiscalStart(),
                     ", inside such a period; take months for the year to date"),
        "GRAIN_INVALID");
  }

  // From the start of the fiscal year, so many years before, up to the end of the period.
  PlannedPeriod YearToDate(const Period& period, int years_before) const {
    const Calendar& calendar = *plan_.calendar;
    const absl::CivilDay first = kEpoch + calendar.DayOf(period.start_us);
    const absl::CivilDay end = kEpoch + calendar.DayOf(period.end_us);
    const int64_t year = first.year() - (first.month() < FiscalStart() ? 1 : 0) - years_before;
    const absl::CivilDay from(year, FiscalStart(), 1);
    const absl::CivilDay to(end.year() - years_before, end.month(), 1);
    return Part({Grain::kAll, calendar.StartOfDay(from - kEpoch), 0},
                calendar.StartOfDay(to - kEpoch));
  }

  void AddYearToDate(PlannedPeriod* period) {
    const Parts whole = {YearToDate(period->period, 0), YearToDate(period->period, 1)};
    if (plan_.ytd_yoy) {
      period->ytd = {.panel = AddParts({whole.base, whole.value}, nullptr, period->geography),
                     .value = 1,
                     .base = 0};
      period->ytd_yoy_pair = PairYearsToDate(whole, period->ytd, period->geography);
    } else {
      period->ytd = {.panel = AddParts({whole.value}, nullptr, period->geography)};
    }
  }

  // How a year to date is compared; `as_reported`: all sources, up to the ends of both periods.
  PlannedPair PairYearsToDate(const Parts& whole, const PlannedPair& as_reported,
                              uint32_t geography) {
    const std::optional<Parts> elapsed = Elapsed(whole.value, whole.base, /*yoy=*/true);
    const bool matched = plan_.panel == Panel::kMatched;
    if (!matched && !elapsed) return as_reported;
    const Parts& compared = elapsed ? *elapsed : whole;
    if (elapsed) {
      plan_.notes.push_back({"TO_DATE", absl::StrCat("ytd_yoy: up to ", LastDayOf(compared.value),
                                                     " against up to ", LastDayOf(compared.base))});
    }
    PlannedPair pair;
    if (matched) {
      pair.partial = !elapsed && now_us_ < whole.value.period.end_us;
      if (pair.partial) return pair;
      pair.sources = Shared(InBoth(CompleteIn(compared.value), CompleteIn(compared.base)));
      if (pair.sources->empty()) return pair;
    }
    pair.panel = AddParts({compared.base, compared.value}, pair.sources, geography);
    pair.value = 1;
    pair.base = 0;
    return pair;
  }

  int32_t AddParts(std::vector<PlannedPeriod> parts,
                   std::shared_ptr<const std::vector<std::string>> sources, uint32_t geography) {
    for (PlannedPeriod& part : parts) {
      part.geography = geography;
      part.coverage = coverage_.Judge(part.period, part.asked_start_us, part.asked_end_us);
    }
    plan_.panels.push_back({std::move(parts), std::move(sources)});
    return static_cast<int32_t>(plan_.panels.size() - 1);
  }

  static PlannedPeriod Part(const Period& period, int64_t end_us) {
    const Period part = {period.grain, period.start_us, end_us};
    return {.period = part,
            .asked_start_us = part.start_us,
            .asked_end_us = part.end_us,
            .start_us = part.start_us,
            .end_us = part.end_us};
  }

  // As much of a period that is not over as has passed, in whole days, and as much of its base.
  // None: the period is over, has not begun, or is cut; or no day of it is over.
  std::optional<Parts> Elapsed(const PlannedPeriod& value, const PlannedPeriod& base,
                               bool yoy) const {
    if (!plan_.to_date || IsCut(value) || IsCut(base)) return std::nullopt;
    if (now_us_ >= value.period.end_us || now_us_ < value.period.start_us) return std::nullopt;
    const Calendar& calendar = *plan_.calendar;
    const int64_t end_day = coverage_.first_day_not_over();
    const int64_t days = end_day - calendar.DayOf(value.period.start_us);
    if (days <= 0) return std::nullopt;
    int64_t base_end_day = calendar.DayOf(base.period.start_us) + days;
    if (yoy && value.period.grain != Grain::kWeek)
      base_end_day = DayOfYearBefore(kEpoch + (end_day - 1)) + 1 - kEpoch;
    return Parts{
        Part(value.period, calendar.StartOfDay(end_day)),
        Part(base.period, std::min(base.period.end_us, calendar.StartOfDay(base_end_day)))};
  }

  // Positions in Plan::sources, ascending.
  using Sources = std::vector<uint32_t>;

  // Those that are complete in the period.
  Sources CompleteIn(const PlannedPeriod& period) const {
    Sources complete;
    for (uint32_t i = 0; i < plan_.sources.size(); ++i) {
      const PeriodCoverage coverage = plan_.sources[i].coverage->Judge(
          period.period, period.asked_start_us, period.asked_end_us);
      if (!coverage.partial) complete.push_back(i);
    }
    return complete;
  }
  // The same of one of the plan's, which may be compared up to four times.
  const Sources& CompleteAt(int32_t position) {
    std::optional<Sources>& complete = complete_[static_cast<size_t>(position)];
    if (!complete) complete = CompleteIn(plan_.periods[static_cast<size_t>(position)]);
    return *complete;
  }
  static Sources InBoth(const Sources& a, const Sources& b) {
    Sources both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    return both;
  }

  PlannedPair Pair(int32_t position, int32_t base_position, bool yoy) {
    PlannedPair pair{.value = position, .base = base_position};
    if (base_position == kNoBase) return pair;
    const PlannedPeriod& value = plan_.periods[position];
    const PlannedPeriod& base = plan_.periods[base_position];
    const std::optional<Parts> parts = Elapsed(value, base, yoy);
    if (plan_.panel != Panel::kMatched) {
      if (parts) AddElapsed(*parts, nullptr, yoy, value, base, &pair);
      return pair;
    }
    pair.partial = !parts && (IsCut(value) || IsCut(base) || now_us_ < value.period.end_us ||
                              now_us_ < base.period.end_us);
    if (pair.partial) return pair;
    const Sources matched = parts ? InBoth(CompleteIn(parts->value), CompleteIn(parts->base))
                                  : InBoth(CompleteAt(position), CompleteAt(base_position));
    pair.sources = Shared(matched);
    if (parts) {
      AddElapsed(*parts, pair.sources, yoy, value, base, &pair);
    } else if (!matched.empty() &&
               (matched.size() < plan_.sources.size() || plan_.has_other_sources)) {
      // One that reports in neither may still have events there, of when its window was another.
      AddWhole(position, base_position, &pair);
    }
    return pair;
  }

  // Their ids.
  std::shared_ptr<const std::vector<std::string>> Shared(const Sources& sources) {
    auto& shared = lists_[sources];
    if (shared != nullptr) return shared;
    std::vector<std::string> ids;
    for (const uint32_t source : sources) ids.push_back(plan_.sources[source].id);
    shared = std::make_shared<const std::vector<std::string>>(std::move(ids));
    return shared;
  }

  // There is one such period for each comparison at most.
  void AddElapsed(const Parts& parts, std::shared_ptr<const std::vector<std::string>> sources,
                  bool yoy, const PlannedPeriod& value, const PlannedPeriod& base,
                  PlannedPair* pair) {
    pair->panel = AddParts({parts.base, parts.value}, std::move(sources), value.geography);
    pair->base = 0;
    pair->value = 1;
    plan_.notes.push_back(
        {"TO_DATE",
         absl::StrCat(yoy ? "yoy" : "prev", ": ", NameOf(value), " up to ", LastDayOf(parts.value),
                      " against ", NameOf(base), " up to ", LastDayOf(parts.base))});
  }

  // Periods of the plan, by the sources that they are compared for and the geography of the later
  // one.
  void AddWhole(int32_t value, int32_t base, PlannedPair* pair) {
    const uint32_t geography = plan_.periods[static_cast<size_t>(value)].geography;
    pair->panel = WholePanel(pair->sources, geography);
    WholePeriods& whole = periods_of_[pair->panel];
    whole.positions.push_back(value);
    whole.positions.push_back(base);
  }

  // Where the plan has the base by another geography than that of what is compared with it, it is
  // read once more.
  void AddBase(uint32_t geography, PlannedBase* base) {
    if (base->period == kNoBase) return;
    if (plan_.periods[static_cast<size_t>(base->period)].geography == geography) return;
    base->panel = WholePanel(nullptr, geography);
    periods_of_[base->panel].positions.push_back(base->period);
  }

  int32_t WholePanel(const std::shared_ptr<const std::vector<std::string>>& sources,
                     uint32_t geography) {
    const auto [found, fresh] =
        whole_.try_emplace({sources.get(), geography}, static_cast<int32_t>(plan_.panels.size()));
    if (fresh) {
      plan_.panels.push_back({{}, sources});
      periods_of_[found->second].geography = geography;
    }
    return found->second;
  }

  // Gives a panel of whole periods its periods, and its pairs their positions in it.
  void FinishPanel(int32_t panel) {
    const auto found = periods_of_.find(panel);
    if (found == periods_of_.end()) return;
    std::vector<int32_t>& positions = found->second.positions;
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
    for (const int32_t position : positions) {
      plan_.panels[panel].periods.push_back(plan_.periods[position]);
      plan_.panels[panel].periods.back().geography = found->second.geography;
    }
    const auto in_panel = [&](int32_t position) {
      return static_cast<int32_t>(std::lower_bound(positions.begin(), positions.end(), position) -
                                  positions.begin());
    };
    for (PlannedPeriod& period : plan_.periods) {
      for (PlannedPair* pair : {&period.prev_pair, &period.yoy_pair}) {
        if (pair->panel != panel) continue;
        pair->value = in_panel(pair->value);
        pair->base = in_panel(pair->base);
      }
      const auto place = [&](PlannedBase* base) {
        if (base->panel == panel) base->at = in_panel(base->period);
      };
      place(&period.prev);
      place(&period.yoy);
      for (PlannedBase& base : period.far) place(&base);
    }
  }

  // Every growth says which panel it is of.
  void AddNotes() {
    if (!plan_.prev && !plan_.yoy && !plan_.ytd_yoy && plan_.far_bases.empty()) return;
    if (plan_.panel == Panel::kMatched) {
      plan_.notes.push_back(
          {"PANEL_MATCHED", "comparisons are of the sources that are complete in both periods"});
    } else {
      plan_.notes.push_back({"PANEL_AS_REPORTED",
                             "comparisons are of all sources, also of those that report in one "
                             "of the periods only"});
    }
  }

  std::string NameOf(const PlannedPeriod& period) const {
    const std::string name = plan_.calendar->Name(period.period);
    if (!name.empty()) return name;
    // A cumulative one.
    return period.shown ? plan_.period_name : "the same of the year before";
  }
  std::string LastDayOf(const PlannedPeriod& part) const {
    return absl::FormatCivilTime(kEpoch + plan_.calendar->DayOf(part.end_us - 1));
  }

  const Coverage& coverage_;
  Plan& plan_;
  const int64_t now_us_;
  // By position in the plan's periods, where it was asked for.
  std::vector<std::optional<Sources>> complete_;
  std::map<Sources, std::shared_ptr<const std::vector<std::string>>> lists_;
  struct WholePeriods {
    uint32_t geography = 0;
    // In the plan's periods.
    std::vector<int32_t> positions;
  };
  // By sources and geography.
  std::map<std::pair<const void*, uint32_t>, int32_t> whole_;
  // By panel.
  std::map<int32_t, WholePeriods> periods_of_;
};

}  // namespace

absl::Status PlanPanels(const Coverage& coverage, Plan* plan) {
  return Planner(coverage, plan).Run();
}

}  // namespace tidemark::analytics
