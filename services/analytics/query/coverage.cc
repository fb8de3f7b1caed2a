#include "services/analytics/query/coverage.h"

#include <algorithm>

namespace tidemark::analytics {
namespace {

// prefix[i] = Σ of the first i values.
std::vector<int64_t> RunningSums(const std::vector<int64_t>& values) {
  std::vector<int64_t> sums(values.size() + 1, 0);
  for (size_t i = 0; i < values.size(); ++i) sums[i + 1] = sums[i] + values[i];
  return sums;
}

// Σ max(0, day - value) over sorted values.
int64_t SumBelow(const std::vector<int64_t>& sorted, const std::vector<int64_t>& sums,
                 int64_t day) {
  const auto count = std::lower_bound(sorted.begin(), sorted.end(), day) - sorted.begin();
  return day * count - sums[count];
}

}  // namespace

Coverage::Coverage(const Calendar& calendar, const std::vector<Window>& windows, int64_t now_us)
    : calendar_(calendar), now_us_(now_us), first_day_not_over_(calendar.DayOf(now_us)) {
  for (const Window& window : windows) {
    if (window.start_us >= window.end_us) continue;
    windows_.push_back(window);
    window_days_.push_back({calendar.DayOf(window.start_us), calendar.DayOf(window.end_us)});
    starts_.push_back(window_days_.back().first);
    ends_.push_back(window_days_.back().end);
    starts_us_.push_back(window.start_us);
    ends_us_.push_back(window.end_us);
  }
  for (auto* list : {&starts_, &ends_, &starts_us_, &ends_us_})
    std::sort(list->begin(), list->end());
  start_sums_ = RunningSums(starts_);
  end_sums_ = RunningSums(ends_);
  missing_days_ = calendar.MissingDays();
}

int64_t Coverage::DaysBefore(int64_t day) const {
  return SumBelow(starts_, start_sums_, day) - SumBelow(ends_, end_sums_, day);
}

int64_t Coverage::WindowsAt(int64_t day) const { return DaysBefore(day + 1) - DaysBefore(day); }

int64_t Coverage::DaysInWindows(int64_t first, int64_t end) const {
  if (first >= end) return 0;
  int64_t days = DaysBefore(end) - DaysBefore(first);
  for (const int64_t missing : missing_days_) {
    if (first <= missing && missing < end) days -= WindowsAt(missing);
  }
  return days;
}

int64_t Coverage::MissingDays(int64_t first, int64_t end) const {
  return std::count_if(missing_days_.begin(), missing_days_.end(),
                       [=](int64_t day) { return first <= day && day < end; });
}

Coverage::Reach Coverage::reach() const {
  if (windows_.empty()) return {};
  return {starts_us_.front(), std::min(ends_us_.back(), now_us_)};
}

bool Coverage::IsReported(int64_t start_us, int64_t end_us) const {
  const int64_t passed_us = std::min(end_us, now_us_);
  if (start_us >= passed_us) return false;
  const auto begun = std::lower_bound(starts_us_.begin(), starts_us_.end(), passed_us);
  const auto ended = std::upper_bound(ends_us_.begin(), ends_us_.end(), start_us);
  return begun - starts_us_.begin() > ended - ends_us_.begin();
}

PeriodCoverage Coverage::Judge(const Period& period, int64_t clip_start_us,
                               int64_t clip_end_us) const {
  const bool bounded = period.start_us != kBeginningOfTime && period.end_us != kEndOfTime;
  PeriodCoverage coverage =
      bounded ? CountDays(period, clip_start_us, clip_end_us) : CountDaysUnbounded(period);
  coverage.reported = IsReported(clip_start_us, clip_end_us);
  return coverage;
}

PeriodCoverage Coverage::CountDays(const Period& period, int64_t clip_start_us,
                                   int64_t clip_end_us) const {
  const Days days = {calendar_.DayOf(period.start_us), calendar_.DayOf(period.end_us - 1) + 1};
  const auto begun =
      std::lower_bound(starts_us_.begin(), starts_us_.end(), period.end_us) - starts_us_.begin();
  const auto ended =
      std::upper_bound(ends_us_.begin(), ends_us_.end(), period.start_us) - ends_us_.begin();
  PeriodCoverage coverage;
  coverage.expected = (days.end - days.first - MissingDays(days.first, days.end)) * (begun - ended);

  Days asked = days;
  if (clip_start_us > period.start_us) {
    asked.first = calendar_.DayOf(clip_start_us);
    if (calendar_.StartOfDay(asked.first) != clip_start_us) ++asked.first;
  }
  if (clip_end_us < period.end_us) asked.end = calendar_.DayOf(clip_end_us);
  coverage.complete = DaysInWindows(asked.first, std::min(asked.end, first_day_not_over_));
  coverage.partial =
      coverage.expected == 0 || coverage.complete < coverage.expected || now_us_ < period.end_us;
  return coverage;
}

PeriodCoverage Coverage::CountDaysUnbounded(const Period& period) const {
  const bool open_start = period.start_us == kBeginningOfTime;
  const bool open_end = period.end_us == kEndOfTime;
  PeriodCoverage coverage;
  bool over = open_end || period.end_us <= now_us_;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i].start_us >= period.end_us || windows_[i].end_us <= period.start_us) continue;
    const Days& window = window_days_[i];
    const int64_t first = open_start ? window.first : calendar_.DayOf(period.start_us);
    const int64_t end = open_end ? std::min(window.end, first_day_not_over_)
                                 : calendar_.DayOf(period.end_us - 1) + 1;
    if (first < end) coverage.expected += end - first - MissingDays(first, end);
    const int64_t complete_first = std::max(first, window.first);
    const int64_t complete_end = std::min({end, window.end, first_day_not_over_});
    if (complete_first < complete_end) {
      coverage.complete +=
          complete_end - complete_first - MissingDays(complete_first, complete_end);
    }
    if (open_end && windows_[i].end_us > now_us_) over = false;
  }
  coverage.partial = coverage.expected == 0 || coverage.complete < coverage.expected || !over;
  return coverage;
}

}  // namespace tidemark::analytics
