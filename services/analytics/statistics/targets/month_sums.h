#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_MONTH_SUMS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_MONTH_SUMS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace tidemark::analytics {

// MonthSums: which sums over months follow exactly from sums over other months, by adding and
// subtracting: the four quarters up to September are the first three of this year and the last
// year, less the first three of the last year.
//
//   MonthSums sums;
//   sums.Add(2012 * 12, 2013 * 12);  // part 0: the year 2012
//   ...
//   for (const auto& [part, sign] : *sums.Find(begin, end)) value += sign * values[part];
class MonthSums {
 public:
  struct Term {
    size_t part = 0;
    // 1: to be added; -1: to be subtracted.
    int sign = 1;
  };

  // The next part: months from `first` up to, but not including, `end`, which is later.
  void Add(int64_t first, int64_t end);

  // The fewest parts that the months follow from; of equally few those added first. Nothing: they
  // do not follow.
  std::optional<std::vector<Term>> Find(int64_t first, int64_t end) const;

  // The last month at which a quarter begins, so that the twelve months before it follow. Nothing:
  // there is none.
  std::optional<int64_t> LastYearEnd() const;

 private:
  struct Step {
    int64_t to = 0;
    Term term;
  };
  // By boundary between months: a sum over months leads from one boundary to another.
  std::map<int64_t, std::vector<Step>> steps_;
  size_t parts_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_MONTH_SUMS_H_
