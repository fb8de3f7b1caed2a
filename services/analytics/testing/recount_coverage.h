#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_COVERAGE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_COVERAGE_H_

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "services/analytics/testing/recount_facts.h"

// What a recount knows of coverage. Part of recount.cc, apart only for its length.
namespace tidemark::analytics::testing {

struct Covered {
  int64_t complete = 0;
  int64_t expected = 0;
  bool partial = true;
};

class RecountCoverage : protected RecountFacts {
 public:
  using RecountFacts::RecountFacts;

 protected:
  // Of all sources that count, or of one.
  Covered Coverage(const NaivePeriod& period, const std::string& only) const {
    const std::tuple key(period.start_us, period.end_us, only);
    const auto found = covered_.find(key);
    if (found != covered_.end()) return found->second;
    Covered covered;
    const bool open_start = period.start_us == INT64_MIN, open_end = period.end_us == INT64_MAX;
    bool over = open_end || period.end_us <= now_us_;
    for (const WorldSource& source : world_.sources) {
      if (!SourceCounts(source) || (!only.empty() && source.id != only)) continue;
      const int64_t from = DayNumber(source.start);
      const int64_t to = source.end ? DayNumber(*source.end) : DayNumber({2100, 1, 1});
      const int64_t window_end = source.end ? calendar_.StartOfDay(to) : INT64_MAX;
      if (calendar_.StartOfDay(from) >= period.end_us || window_end <= period.start_us) continue;
      if (open_end && window_end > now_us_) over = false;
      const int64_t first = open_start ? from : calendar_.DayAt(period.start_us);
      const int64_t last = open_end ? std::min(to - 1, calendar_.DayAt(now_us_))
                                    : calendar_.DayAt(period.end_us - 1);
      for (int64_t day = first; day <= last; ++day) {
        const int64_t start = calendar_.StartOfDay(day), end = calendar_.StartOfDay(day + 1);
        if (start == end) continue;
        if (open_end && end > now_us_) continue;
        ++covered.expected;
        const bool in_window = from <= day && day < to;
        // The day's part of the period must have been asked for.
        const bool asked = !Touches(period) || (std::max(start, period.start_us) >= start_us_ &&
                                                std::min(end, period.end_us) <= end_us_);
        covered.complete += in_window && end <= now_us_ && asked;
      }
    }
    covered.partial = covered.expected == 0 || covered.complete < covered.expected || !over;
    return covered_[key] = covered;
  }

 private:
  mutable std::map<std::tuple<int64_t, int64_t, std::string>, Covered> covered_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_COVERAGE_H_
