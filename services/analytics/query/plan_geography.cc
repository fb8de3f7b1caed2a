#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/error.h"
#include "services/analytics/query/geographies.h"
#include "services/analytics/query/plan_words.h"

namespace tidemark::analytics {
namespace {

// The moment of a row: of the latest period that it compares.
int64_t MomentOf(const Plan& plan, const Period& period) {
  int64_t end_us = period.end_us;
  for (const PlannedFarBase& base : plan.far_bases) {
    if (base.years == 0) end_us = std::max(end_us, plan.index_base.end_us);
  }
  return LastMomentOf(*plan.calendar, plan.snapshot, end_us);
}

void FixAll(int64_t moment_us, Plan* plan) {
  plan->geographies = {moment_us};
  for (PlannedPeriod& period : plan->periods) period.fixed_us = moment_us;
}

// What is read: all periods, and years to date.
int64_t FirstTimeRead(const Plan& plan) {
  constexpr int64_t kTwoYearsUs = int64_t{2} * 366 * 86'400 * 1'000'000;
  const int64_t first_us = plan.periods.front().start_us;
  const bool cumulates = plan.ytd || plan.ytd_yoy;
  return cumulates && first_us > kBeginningOfTime + kTwoYearsUs ? first_us - kTwoYearsUs : first_us;
}

void FixPeriodEnds(Plan* plan) {
  std::vector<int64_t> moments;
  int64_t end_us = kBeginningOfTime;
  for (PlannedPeriod& period : plan->periods) {
    end_us = std::max(end_us, period.end_us);
    if (!period.shown) continue;
    period.fixed_us = MomentOf(*plan, period.period);
    moments.push_back(*period.fixed_us);
  }
  if (moments.empty()) return;
  const std::vector<std::optional<int64_t>> alike =
      AlikeMoments(*plan, moments, FirstTimeRead(*plan), end_us);
  size_t shown = 0;
  for (PlannedPeriod& period : plan->periods) {
    if (!period.shown) continue;
    const std::optional<int64_t> moment = alike[shown++];
    if (!moment) continue;
    std::vector<int64_t>& known = plan->geographies;
    const auto found = std::find(known.begin(), known.end(), *moment);
    period.geography = static_cast<uint32_t>(found - known.begin());
    if (found == known.end()) known.push_back(*moment);
  }
  if (plan->geographies.empty() && plan->geography_is_usual) return;
  plan->notes.push_back({"GEOGRAPHY_PERIOD_END",
                         "Regions and groups of a row, and of what it is compared with, are those "
                         "of the last day of the row's period."});
}

// When the groups have a member, merged: a group may have many more members than there are changes.
std::vector<catalog_client::Interval> TimesWithMember(const PlannedFilter& filter,
                                                      const catalog_client::CatalogView& view) {
  std::vector<catalog_client::Interval> times;
  for (const catalog_client::Ordinal group : filter.groups) {
    for (const catalog_client::DatedRegion& region : view.region_groups()[group].regions) {
      times.insert(times.end(), region.times.begin(), region.times.end());
    }
  }
  std::sort(times.begin(), times.end(),
            [](const auto& a, const auto& b) { return a.start_us < b.start_us; });
  std::vector<catalog_client::Interval> merged;
  for (const catalog_client::Interval& time : times) {
    if (merged.empty() || merged.back().end_us < time.start_us) {
      merged.push_back(time);
    } else {
      merged.back().end_us = std::max(merged.back().end_us, time.end_us);
    }
  }
  return merged;
}

bool HasMember(const std::vector<catalog_client::Interval>& times, const PlannedPeriod& period) {
  return std::any_of(times.begin(), times.end(), [&period](const auto& time) {
    return period.fixed_us
               ? time.Contains(*period.fixed_us)
               : time.start_us < period.asked_end_us && period.asked_start_us < time.end_us;
  });
}

// Periods in which groups are asked for that have no member then.
void NoteEmptyGroups(const PlannedFilter& filter, Plan* plan) {
  if (filter.exclude || filter.unknown || filter.groups.empty() || !filter.roots.empty()) return;
  const std::vector<catalog_client::Interval> times = TimesWithMember(filter, *plan->view);
  std::vector<std::string> empty;
  for (const PlannedPeriod& period : plan->periods) {
    if (!period.shown || HasMember(times, period)) continue;
    std::string name = plan->period_name;
    if (name.empty()) name = plan->calendar->Name(period.period);
    empty.push_back(name.empty() ? "the range" : name);
  }
  if (empty.empty()) return;
  plan->notes.push_back(
      {"MEMBERSHIP_EMPTY",
       absl::StrCat("regionGroups/", plan->view->region_groups()[filter.groups.front()].id,
                    filter.groups.size() > 1 ? " and the groups beside it have" : " has",
                    " no known member in ", NamedFew(empty),
                    ": that nothing is counted there says nothing of what happened.")});
}

}  // namespace

absl::Status PlanGeography(const Query& query, const Calendar* calendar, Plan* plan) {
  if (query.geography == Geography::kUnknown) {
    return status::InvalidArgument("query.geography", "unknown; want AT_EVENT, FIXED or PERIOD_END",
                                   "UNKNOWN_GEOGRAPHY");
  }
  plan->geography_is_usual = query.geography == Geography::kUsual;
  plan->geography = !plan->geography_is_usual ? query.geography
                    : Compares(query)         ? Geography::kPeriodEnd
                                              : Geography::kAtEvent;
  if (plan->geography != Geography::kFixed) {
    if (!query.has_fixed_on) return absl::OkStatus();
    return status::InvalidArgument("query.fixed_on",
                                   "is for geography FIXED only; set that, or leave it out",
                                   "FIXED_ON_UNUSED");
  }
  if (!query.fixed_on) {
    return status::InvalidArgument(
        "query.fixed_on",
        "want the day by whose regions and groups places are judged, such as "
        "2024-12-31",
        query.has_fixed_on ? "INVALID_DATE" : "MISSING");
  }
  if (calendar != nullptr) plan->fixed_us = calendar->StartOfDay(*query.fixed_on + 1) - 1;
  plan->notes.push_back(
      {"GEOGRAPHY_FIXED",
       absl::StrCat("Regions and groups are those of ",
                    absl::FormatCivilTime(absl::CivilDay(1970, 1, 1) + *query.fixed_on), ".")});
  return absl::OkStatus();
}

void NoteEmptyGroups(Plan* plan) {
  for (const PlannedFilter& filter : plan->filters) NoteEmptyGroups(filter, plan);
}

void PlanPeriodGeographies(Plan* plan) {
  if (plan->geography == Geography::kFixed) return FixAll(*plan->fixed_us, plan);
  if (plan->geography != Geography::kPeriodEnd) return;
  FixPeriodEnds(plan);
  std::vector<bool> assigned(plan->periods.size());
  for (const PlannedPeriod& period : plan->periods) {
    if (!period.shown) continue;
    const auto assign = [&](const PlannedBase& base) {
      if (base.period == kNoBase) return;
      PlannedPeriod& with = plan->periods[static_cast<size_t>(base.period)];
      if (with.shown || assigned[static_cast<size_t>(base.period)]) return;
      assigned[static_cast<size_t>(base.period)] = true;
      with.geography = period.geography;
    };
    assign(period.prev);
    assign(period.yoy);
    for (const PlannedBase& base : period.far) assign(base);
  }
}

}  // namespace tidemark::analytics
