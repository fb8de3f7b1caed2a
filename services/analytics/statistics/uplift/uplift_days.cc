#include "services/analytics/statistics/uplift/uplift_days.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/period_range.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMaxActivity = 92;
constexpr size_t kMaxBefore = 366;
constexpr int64_t kDefaultBefore = 28;
constexpr int64_t kMaxDays = 1500;
constexpr int64_t kWeek = 7;
// Days before the year 1 have no names.
const int64_t kFirstNamedDay = absl::CivilDay(1, 1, 1) - absl::CivilDay(1970, 1, 1);

// Days since 1970-01-01, half-open.
struct DayRange {
  int64_t first = 0;
  int64_t end = 0;
};

absl::StatusOr<DayRange> ParseDays(const Calendar& calendar, std::string_view field,
                                   const std::string& first, const std::string& last, size_t most) {
  if (first.empty() || last.empty()) {
    return status::InvalidArgument(absl::StrCat(field, first.empty() ? ".first" : ".last"),
                                   "missing; want the name of a day or longer period",
                                   "PERIOD_INVALID");
  }
  TM_ASSIGN_OR_RETURN(const TimeRange range, ParsePeriodRange(calendar, field, first, last));
  const DayRange days{calendar.DayOf(range.start_us), calendar.DayOf(range.end_us - 1) + 1};
  if (static_cast<size_t>(days.end - days.first) > most) {
    return status::InvalidArgument(
        field, absl::StrCat(days.end - days.first, " days; want at most ", most), "TOO_LARGE");
  }
  return days;
}

absl::StatusOr<std::set<int64_t>> ParseHolidays(const Calendar& calendar,
                                                const std::vector<std::string>& names) {
  std::set<int64_t> days;
  for (size_t i = 0; i < names.size(); ++i) {
    const absl::StatusOr<Period> period = calendar.Parse(names[i]);
    const std::string field = absl::StrCat("public_holidays[", i, "]");
    if (!period.ok())
      return status::InvalidArgument(field, period.status().message(), "PERIOD_INVALID");
    const int64_t first = calendar.DayOf(period->start_us),
                  last = calendar.DayOf(period->end_us - 1);
    if (last - first >= static_cast<int64_t>(kMaxBefore)) {
      return status::InvalidArgument(field, "longer than a year", "TOO_LARGE");
    }
    for (int64_t day = first; day <= last; ++day) days.insert(day);
  }
  return days;
}

// Both windows, so many days earlier; `position_of`: of the days read, without those that the zone
// left out. Null: the activity has a holiday, or nothing is left of a window.
std::optional<Windows> Shift(const DayRange& before, const DayRange& activity, int64_t by,
                             const std::set<int64_t>& holidays,
                             const std::map<int64_t, size_t>& position_of, bool placebo) {
  Windows windows;
  for (int64_t day = before.first - by; day < before.end - by; ++day) {
    const auto position = position_of.find(day);
    if (position != position_of.end() && !holidays.contains(day))
      windows.before.push_back(position->second);
  }
  for (int64_t day = activity.first - by; day < activity.end - by; ++day) {
    if (placebo && holidays.contains(day)) return std::nullopt;
    const auto position = position_of.find(day);
    if (position != position_of.end()) windows.activity.push_back(position->second);
  }
  if (windows.before.empty() || windows.activity.empty()) return std::nullopt;
  return windows;
}

}  // namespace

absl::StatusOr<UpliftDays> PlanDays(const Calendar& calendar, const UpliftQuestion& question) {
  TM_ASSIGN_OR_RETURN(const DayRange activity,
                      ParseDays(calendar, "activity", question.activity_first,
                                question.activity_last, kMaxActivity));
  DayRange before{activity.first - kDefaultBefore, activity.first};
  if (!question.before_first.empty() || !question.before_last.empty()) {
    TM_ASSIGN_OR_RETURN(before, ParseDays(calendar, "before", question.before_first,
                                          question.before_last, kMaxBefore));
  }
  if (before.end > activity.first) {
    return status::InvalidArgument("before", "want days that end before the activity begins",
                                   "NOT_BEFORE");
  }
  TM_ASSIGN_OR_RETURN(const std::set<int64_t> holidays, ParseHolidays(calendar, question.holidays));
  // Whole weeks, and never reaching into the activity itself.
  const int64_t step = (activity.end - activity.first + kWeek - 1) / kWeek * kWeek;
  const int64_t reach = step * static_cast<int64_t>(question.placebo_dates);
  const int64_t first = before.first - reach;
  if (activity.end - first > kMaxDays) {
    return status::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                  "the placebo dates reach back ", activity.end - first,
                                  " days, more than ", kMaxDays, "; lower placebo_dates")),
                              "TOO_MANY_PERIODS");
  }
  if (first < kFirstNamedDay) {
    return status::InvalidArgument(
        "activity",
        absl::StrCat("the days before it and its placebo dates reach back ", kFirstNamedDay - first,
                     " days beyond 0001-01-01; want a later activity"),
        "PERIOD_INVALID");
  }
  UpliftDays plan;
  std::map<int64_t, size_t> position_of;
  const std::vector<int64_t>& missing = calendar.MissingDays();
  for (int64_t day = first; day < activity.end; ++day) {
    if (std::binary_search(missing.begin(), missing.end(), day)) continue;
    position_of.emplace(day, plan.days.size());
    plan.days.push_back(calendar.At(Grain::kDay, calendar.StartOfDay(day)));
  }
  const std::optional<Windows> windows = Shift(before, activity, 0, holidays, position_of, false);
  if (!windows) {
    return status::InvalidArgument("before", "all of its days are public holidays", "NOT_BEFORE");
  }
  plan.windows = *windows;
  for (int64_t by = step; by <= reach; by += step) {
    if (const auto shifted = Shift(before, activity, by, holidays, position_of, true))
      plan.placebos.push_back(*shifted);
  }
  return plan;
}

}  // namespace tidemark::analytics
