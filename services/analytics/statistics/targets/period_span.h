#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_PERIOD_SPAN_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_PERIOD_SPAN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "services/analytics/query/calendar.h"
#include "tidemark/type/v1/period.pb.h"

namespace tidemark::analytics {

// The days of a tidemark.type.v1.Period, in whole months where they are some: so that periods that
// cover the same days are equal, whatever the grain that names them.
struct PeriodSpan {
  // Months since January of the year 0, else days since 1970-01-01; half-open.
  bool in_months = true;
  int64_t first = 0;
  int64_t end = 0;

  int64_t length() const { return end - first; }
  // Days since 1970-01-01.
  int64_t first_day() const;
  int64_t end_day() const;
  friend bool operator==(const PeriodSpan&, const PeriodSpan&) = default;
};

inline constexpr int64_t kMonthsOfYear = 12;
inline constexpr int64_t kMonthsOfQuarter = 3;

// Nothing for a grain that this release does not know.
std::optional<PeriodSpan> SpanOf(const type::v1::Period& period);

// Named by the longest grain that can: `2013-Q1..Q3`. Empty where no name is possible.
std::string NameOf(const PeriodSpan& span);

// Of the longest grain that can name them both are the same number of periods; where that is more
// than one and they are made of months, they begin in the same month: the first three quarters are
// compared with the first three, and a financial year with financial years.
bool AreLike(const PeriodSpan& a, const PeriodSpan& b);

// Twelve months, whichever begins them.
bool IsYear(const PeriodSpan& span);

// In the calendar of the observatory.
Period CalendarPeriod(const PeriodSpan& span, const Calendar& calendar);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_TARGETS_PERIOD_SPAN_H_
