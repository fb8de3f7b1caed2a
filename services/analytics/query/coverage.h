#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_COVERAGE_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_COVERAGE_H_

#include <cstdint>
#include <vector>

#include "services/analytics/query/calendar.h"

namespace tidemark::analytics {

// How much of a period has been reported, in source-days.
struct PeriodCoverage {
  int64_t complete = 0;
  int64_t expected = 0;
  // Not over, not complete, or reported by nobody: nothing is compared with it.
  bool partial = true;
  // Some source's window shares time with what was asked of the period and has passed: no events
  // mean 0. Otherwise they mean that nobody told.
  bool reported = false;
};

// Coverage: judges periods by the reporting windows of sources and the "now" of a snapshot.
//
// Expected are the days of the period, once for each source whose window overlaps it; complete are
// those of them that lie in the window and are over. A side of the period without bound stands for
// each source's own window, as far as its days are over; such a period is over when all windows
// have ended. Immutable, thread-safe.
class Coverage {
 public:
  // A reporting window, half-open, made of whole days.
  struct Window {
    int64_t start_us = kBeginningOfTime;
    int64_t end_us = kEndOfTime;
  };
  // `calendar` is not owned. `now_us`: accepted time of the snapshot.
  Coverage(const Calendar& calendar, const std::vector<Window>& windows, int64_t now_us);

  // [clip_start_us, clip_end_us): the part of the period that was asked for; days of the period
  // that are not wholly in it are not complete.
  PeriodCoverage Judge(const Period& period, int64_t clip_start_us, int64_t clip_end_us) const;

  // Half-open, from the first report to the last one that has passed; empty (0, 0) without windows.
  // Periods outside of it are not `reported`.
  struct Reach {
    int64_t start_us = 0;
    int64_t end_us = 0;
  };
  Reach reach() const;

 private:
  struct Days {
    int64_t first = 0;
    int64_t end = 0;
  };
  PeriodCoverage CountDays(const Period& period, int64_t clip_start_us, int64_t clip_end_us) const;
  PeriodCoverage CountDaysUnbounded(const Period& period) const;
  bool IsReported(int64_t start_us, int64_t end_us) const;
  // Σ over windows of the days that [first, end) shares with them, without days the zone left out.
  int64_t DaysInWindows(int64_t first, int64_t end) const;
  int64_t DaysBefore(int64_t day) const;
  int64_t WindowsAt(int64_t day) const;
  int64_t MissingDays(int64_t first, int64_t end) const;

  const Calendar& calendar_;
  const int64_t now_us_;
  int64_t first_day_not_over_;
  std::vector<Window> windows_;
  std::vector<Days> window_days_;
  // Sorted, with running sums: DaysBefore in logarithmic time.
  std::vector<int64_t> starts_;
  std::vector<int64_t> ends_;
  std::vector<int64_t> start_sums_;
  std::vector<int64_t> end_sums_;
  std::vector<int64_t> starts_us_;
  std::vector<int64_t> ends_us_;
  std::vector<int64_t> missing_days_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_COVERAGE_H_
