#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_NAMED_PERIODS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_NAMED_PERIODS_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "services/analytics/query/calendar.h"
#include "tidemark/type/v1/period.pb.h"

// Periods of events and of the catalog's figures, and what lies before them.
namespace tidemark::analytics {

// Half-open, days since 1970-01-01: by which periods of any grain are the same.
struct Days {
  int64_t first = 0;
  int64_t end = 0;
  friend auto operator<=>(const Days&, const Days&) = default;
};

Days DaysOf(const type::v1::Period& period);
Days DaysOf(const Calendar& calendar, const Period& period);
// A day as a period of the catalog.
type::v1::Period DayPeriod(int64_t day);

// A period of the catalog in the calendar; several of a grain are cumulative (kAll).
Period PeriodOf(const Calendar& calendar, const type::v1::Period& period);
// `2024-03`, `2024-01..02`, `2013..2022`, or its days where no name fits.
std::string PeriodName(const Calendar& calendar, const Period& period);

// The same period so many years before.
std::optional<Period> YearsBefore(const Calendar& calendar, const Period& period, uint32_t years);
// None before a cumulative one.
std::optional<Period> PeriodBefore(const Calendar& calendar, const Period& period);
// From the start of the fiscal year that its first day lies in to its end. None: it is shorter than
// a month, or a fiscal year starts inside of it.
std::optional<Period> YearToDate(const Calendar& calendar, int fiscal_start_month,
                                 const Period& period);
// Whether both are as long and lie alike in their years, so that one can be the other's base.
bool IsSameKind(const Calendar& calendar, const Period& a, const Period& b);
// Whether it is one calendar year, or several.
bool IsWholeYears(const Calendar& calendar, const Period& period);
// Whether a whole period of the grain lies within it.
bool HoldsOne(const Calendar& calendar, const Period& period, Grain grain);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_NAMED_PERIODS_H_
