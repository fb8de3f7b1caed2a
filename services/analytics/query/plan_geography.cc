#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

bool HasMember(const catalog_client::RegionGroup& group, const PlannedPeriod& period) {
  for (const catalog_client::DatedRegion& region : group.regions) {
    for (const catalog_client::Interval& time : region.times) {
      if (period.fixed_us
              ? time.Contains(*period.fixed_us)
              : time.start_us < period.asked_end_us && period.asked_start_us < time.end_us) {
        return true;
      }
    }
  }
  return false;
}

// Periods in which groups are asked for that have no member then.
void NoteEmptyGroups(const PlannedFilter& filter, Plan* plan) {
  constexpr size_t kNamed = 3;
  if (filter.exclude || filter.unknown || filter.groups.empty() || !filter.roots.empty()) return;
  const auto& groups = plan->view->region_groups();
  std::vector<std::string> named;
  size_t more = 0;
  for (const PlannedPeriod& period : plan->periods) {
    const bool any = std::any_of(filter.groups.begin(), filter.groups.end(), [&](const auto group) {
      return HasMember(groups[group], period);
    });
    if (!period.shown || any) continue;
    if (named.size() == kNamed) {
      ++more;
      continue;
    }
    std::string name = plan->period_name;
    if (name.empty()) name = plan->calendar->Name(period.period);
    named.push_back(name.empty() ? "the range" : name);
  }
  if (named.empty()) return;
  plan->notes.push_back(
      {"MEMBERSHIP_EMPTY",
       absl::StrCat("regionGroups/", groups[filter.groups.front()].id,
                    filter.groups.size() > 1 ? " and the groups beside it have" : " has",
                    " no known member in ", absl::StrJoin(named, ", "),
                    more > 0 ? absl::StrCat(" and ", more, " more") : "",
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
