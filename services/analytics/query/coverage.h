#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_COVERAGE_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_COVERAGE_H_

#include <cstdint>
#include <string>
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

// Coverage: judges periods by the reporting windows of sources, the days that they closed, and the
// "now" of a snapshot.
//
// Expected are the days of the period, once for each source whose window overlaps it; complete are
// those of them that lie in the window and are over, of a source that closes its days only those
// that are COMPLETE. A side of the period without bound stands for each source's own window, as far
// as its days are over; such a period is over when all windows have ended. Immutable, thread-safe.
class Coverage {
 public:
  // A reporting window, half-open, made of whole days.
  struct Window {
    int64_t start_us = kBeginningOfTime;
    int64_t end_us = kEndOfTime;
  };
  // A source that closes its days.
  struct Closer {
    Window window;
    // Its days that are COMPLETE, and those that are not SILENT; in any order.
    std::vector<int64_t> complete;
    std::vector<int64_t> heard;
  };
  // `calendar` is not owned. `windows`: of sources that close no days. `now_us`: accepted time of
  // the snapshot.
  Coverage(const Calendar& calendar, const std::vector<Window>& windows, int64_t now_us,
           const std::vector<Closer>& closers = {});

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

  // Days from this one on are not over.
  int64_t first_day_not_over() const { return first_day_not_over_; }
  // What Judge() depends on besides windows and now, for periods within the days [first, end):
  // which of these are COMPLETE, and which are heard of.
  std::string Fingerprint(int64_t first, int64_t end) const;

 private:
  struct Days {
    int64_t first = 0;
    int64_t end = 0;
  };
  // Windows, sorted, with running sums: what many of them say in logarithmic time.
  struct Sorted {
    void Add(const Window& window, const Days& days);
    void Finish();
    // Σ over windows of their days before `day`.
    int64_t DaysBefore(int64_t day) const;
    // How many windows share time with [start_us, end_us).
    int64_t Overlapping(int64_t start_us, int64_t end_us) const;

    std::vector<int64_t> starts, ends, start_sums, end_sums;
    std::vector<int64_t> starts_us, ends_us;
  };
  // How many sources have something to say of each day.
  class DayCounts {
   public:
    explicit DayCounts(const std::vector<int64_t>& days);
    int64_t Between(int64_t first, int64_t end) const;
    // The days in [first, end), the same bytes whatever is outside.
    void AppendTo(int64_t first, int64_t end, std::string* bytes) const;

   private:
    int64_t first_ = 0;
    std::vector<uint32_t> sums_ = {0};  // of the days before the i-th
  };
  PeriodCoverage CountDays(const Period& period, int64_t clip_start_us, int64_t clip_end_us) const;
  PeriodCoverage CountDaysUnbounded(const Period& period) const;
  bool IsReported(int64_t start_us, int64_t end_us) const;
  // Complete days in [first, end): by window, without days the zone left out, and closed ones.
  int64_t CompleteDays(int64_t first, int64_t end) const;
  int64_t MissingDays(int64_t first, int64_t end) const;
  const Sorted& unclosed() const { return has_closers_ ? some_unclosed_ : all_; }
  static std::vector<int64_t> Usable(const Calendar& calendar, const std::vector<Closer>& closers,
                                     std::vector<int64_t> Closer::*days, int64_t end);

  const Calendar& calendar_;
  const int64_t now_us_;
  int64_t first_day_not_over_;
  std::vector<Window> windows_;
  std::vector<Days> window_days_;
  std::vector<bool> closes_;  // by window
  // Of all sources.
  Sorted all_;
  // Of those that close no days; empty where no source closes any.
  Sorted some_unclosed_;
  bool has_closers_ = false;
  DayCounts complete_, heard_;
  std::vector<int64_t> missing_days_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_COVERAGE_H_
