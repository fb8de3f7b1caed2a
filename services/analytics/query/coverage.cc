#include "services/analytics/query/coverage.h"

#include <algorithm>
#include <numeric>

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

void Coverage::Sorted::Add(const Window& window, const Days& days) {
  starts.push_back(days.first);
  ends.push_back(days.end);
  starts_us.push_back(window.start_us);
  ends_us.push_back(window.end_us);
}

void Coverage::Sorted::Finish() {
  for (auto* list : {&starts, &ends, &starts_us, &ends_us}) std::sort(list->begin(), list->end());
  start_sums = RunningSums(starts);
  end_sums = RunningSums(ends);
}

int64_t Coverage::Sorted::DaysBefore(int64_t day) const {
  return SumBelow(starts, start_sums, day) - SumBelow(ends, end_sums, day);
}

int64_t Coverage::Sorted::Overlapping(int64_t start_us, int64_t end_us) const {
  const auto begun = std::lower_bound(starts_us.begin(), starts_us.end(), end_us);
  const auto ended = std::upper_bound(ends_us.begin(), ends_us.end(), start_us);
  return (begun - starts_us.begin()) - (ended - ends_us.begin());
}

Coverage::DayCounts::DayCounts(const std::vector<int64_t>& days) {
  if (days.empty()) return;
  const auto [first, last] = std::minmax_element(days.begin(), days.end());
  first_ = *first;
  sums_.resize(static_cast<size_t>(*last - first_) + 2);
  for (const int64_t day : days) ++sums_[static_cast<size_t>(day - first_) + 1];
  std::partial_sum(sums_.begin(), sums_.end(), sums_.begin());
}

int64_t Coverage::DayCounts::Between(int64_t first, int64_t end) const {
  const auto before = [this](int64_t day) -> int64_t {
    const int64_t last = static_cast<int64_t>(sums_.size()) - 1;
    return sums_[static_cast<size_t>(std::clamp<int64_t>(day, first_, first_ + last) - first_)];
  };
  return first < end ? before(end) - before(first) : 0;
}

void Coverage::DayCounts::AppendTo(int64_t first, int64_t end, std::string* bytes) const {
  // Runs of days with one count, ended by an empty one.
  struct Run {
    int64_t first = 0;
    int64_t days = 0;
    int64_t count = 0;
  };
  const auto append = [bytes](const Run& run) {
    bytes->append(reinterpret_cast<const char*>(&run), sizeof(run));
  };
  Run run;
  for (size_t i = 0; i + 1 < sums_.size(); ++i) {
    const int64_t day = first_ + static_cast<int64_t>(i);
    const int64_t count = sums_[i + 1] - sums_[i];
    if (day < first || day >= end || count == 0) continue;
    if (run.days > 0 && run.first + run.days == day && run.count == count) {
      ++run.days;
      continue;
    }
    if (run.days > 0) append(run);
    run = {day, 1, count};
  }
  if (run.days > 0) append(run);
  append({});
}

// Days of the closers that lie in their windows, before `end`, and that the zone did not leave out.
std::vector<int64_t> Coverage::Usable(const Calendar& calendar, const std::vector<Closer>& closers,
                                      std::vector<int64_t> Closer::*days, int64_t end) {
  const std::vector<int64_t>& missing = calendar.MissingDays();
  std::vector<int64_t> usable;
  for (const Closer& closer : closers) {
    const int64_t first = calendar.DayOf(closer.window.start_us);
    const int64_t stop = std::min(end, calendar.DayOf(closer.window.end_us));
    for (const int64_t day : closer.*days) {
      if (first <= day && day < stop && !std::binary_search(missing.begin(), missing.end(), day))
        usable.push_back(day);
    }
  }
  return usable;
}

Coverage::Coverage(const Calendar& calendar, const std::vector<Window>& windows, int64_t now_us,
                   const std::vector<Closer>& closers)
    : calendar_(calendar),
      now_us_(now_us),
      first_day_not_over_(calendar.DayOf(now_us)),
      complete_(Usable(calendar, closers, &Closer::complete, first_day_not_over_)),
      heard_(Usable(calendar, closers, &Closer::heard, first_day_not_over_ + 1)),
      missing_days_(calendar.MissingDays()) {
  has_closers_ = !closers.empty();
  const auto add = [&](const Window& window, bool closes) {
    if (window.start_us >= window.end_us) return;
    windows_.push_back(window);
    window_days_.push_back({calendar.DayOf(window.start_us), calendar.DayOf(window.end_us)});
    closes_.push_back(closes);
    all_.Add(window, window_days_.back());
    if (has_closers_ && !closes) some_unclosed_.Add(window, window_days_.back());
  };
  for (const Window& window : windows) add(window, /*closes=*/false);
  for (const Closer& closer : closers) add(closer.window, /*closes=*/true);
  all_.Finish();
  if (has_closers_) some_unclosed_.Finish();
}

std::string Coverage::Fingerprint(int64_t first, int64_t end) const {
  std::string bytes;
  complete_.AppendTo(first, end, &bytes);
  heard_.AppendTo(first, end, &bytes);
  return bytes;
}

int64_t Coverage::CompleteDays(int64_t first, int64_t end) const {
  if (first >= end) return 0;
  int64_t days = unclosed().DaysBefore(end) - unclosed().DaysBefore(first);
  for (const int64_t missing : missing_days_) {
    if (first > missing || missing >= end) continue;
    days -= unclosed().DaysBefore(missing + 1) - unclosed().DaysBefore(missing);
  }
  return days + complete_.Between(first, end);
}

int64_t Coverage::MissingDays(int64_t first, int64_t end) const {
  return std::count_if(missing_days_.begin(), missing_days_.end(),
                       [=](int64_t day) { return first <= day && day < end; });
}

Coverage::Reach Coverage::reach() const {
  if (windows_.empty()) return {};
  return {all_.starts_us.front(), std::min(all_.ends_us.back(), now_us_)};
}

bool Coverage::IsReported(int64_t start_us, int64_t end_us) const {
  const int64_t passed_us = std::min(end_us, now_us_);
  if (start_us >= passed_us) return false;
  return unclosed().Overlapping(start_us, passed_us) > 0 ||
         heard_.Between(calendar_.DayOf(start_us), calendar_.DayOf(passed_us - 1) + 1) > 0;
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
  PeriodCoverage coverage;
  coverage.expected = (days.end - days.first - MissingDays(days.first, days.end)) *
                      all_.Overlapping(period.start_us, period.end_us);

  Days asked = days;
  if (clip_start_us > period.start_us) {
    asked.first = calendar_.DayOf(clip_start_us);
    if (calendar_.StartOfDay(asked.first) != clip_start_us) ++asked.first;
  }
  if (clip_end_us < period.end_us) asked.end = calendar_.DayOf(clip_end_us);
  coverage.complete = CompleteDays(asked.first, std::min(asked.end, first_day_not_over_));
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
    if (!closes_[i] && complete_first < complete_end) {
      coverage.complete +=
          complete_end - complete_first - MissingDays(complete_first, complete_end);
    }
    if (open_end && windows_[i].end_us > now_us_) over = false;
  }
  coverage.complete +=
      complete_.Between(open_start ? kBeginningOfTime : calendar_.DayOf(period.start_us),
                        open_end ? kEndOfTime : calendar_.DayOf(period.end_us - 1) + 1);
  coverage.partial = coverage.expected == 0 || coverage.complete < coverage.expected || !over;
  return coverage;
}

}  // namespace tidemark::analytics
