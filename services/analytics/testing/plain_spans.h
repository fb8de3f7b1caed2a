#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_SPANS_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_SPANS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "services/analytics/testing/naive_calendar.h"
#include "services/analytics/testing/plain_catalog.h"

namespace tidemark::analytics::testing {

// A period that formulas are evaluated for; without a grain it is cumulative, of whole months.
struct PlainSpan {
  std::optional<NaiveGrain> grain;
  NaivePeriod period;
};

// What lies before such periods, by walking the naive calendar.
class PlainSpans {
 public:
  PlainSpans(const std::string& zone, int fiscal_start_month)
      : calendar_(zone), fiscal_start_month_(fiscal_start_month) {}

  const NaiveCalendar& calendar() const { return calendar_; }

  PlainSpan Named(const std::string& name) const {
    PlainSpan span{std::nullopt, calendar_.Named(name)};
    if (absl::StrContains(name, "..")) return span;
    span.grain = absl::StrContains(name, 'W')   ? NaiveGrain::kWeek
                 : absl::StrContains(name, 'Q') ? NaiveGrain::kQuarter
                 : absl::StrContains(name, 'H') ? NaiveGrain::kHalfYear
                 : name.size() == 4             ? NaiveGrain::kYear
                 : name.size() == 7             ? NaiveGrain::kMonth
                                                : NaiveGrain::kDay;
    return span;
  }
  // Days since 1970-01-01, half-open.
  std::pair<int64_t, int64_t> Days(const PlainSpan& span) const {
    return {calendar_.DayAt(span.period.start_us), calendar_.DayAt(span.period.end_us)};
  }
  // Months since January of the year 0; none: its days are no months.
  std::optional<std::pair<int64_t, int64_t>> Months(const PlainSpan& span) const {
    if (span.grain && *span.grain < NaiveGrain::kMonth) return std::nullopt;
    const auto month = [&](int64_t time_us) {
      const NaiveDate date = DateOf(calendar_.DayAt(time_us));
      return int64_t{date.year} * 12 + date.month - 1;
    };
    return std::pair(month(span.period.start_us), month(span.period.end_us));
  }
  PlainSpan Cumulative(int64_t first_month, int64_t end_month) const {
    const PlainPeriod plain =
        MonthsFrom(static_cast<int>(first_month / 12), static_cast<int>(first_month % 12),
                   static_cast<int>(end_month - first_month));
    return {std::nullopt,
            {plain.name, calendar_.StartOfDay(plain.first), calendar_.StartOfDay(plain.end)}};
  }

  std::optional<PlainSpan> YearsBefore(PlainSpan span, int years) const {
    for (; years > 0; --years) {
      if (!span.grain) {
        const auto [first, end] = *Months(span);
        span = Cumulative(first - 12, end - 12);
        continue;
      }
      const auto earlier = calendar_.YearEarlier(*span.grain, span.period);
      if (!earlier) return std::nullopt;
      span.period = *earlier;
    }
    return span;
  }
  std::optional<PlainSpan> Before(const PlainSpan& span) const {
    if (!span.grain) return std::nullopt;
    return PlainSpan{span.grain, calendar_.At(*span.grain, span.period.start_us - 1)};
  }
  // From the fiscal year's start to the end of the span; none: it is too short, or a fiscal year
  // starts inside of it.
  std::optional<PlainSpan> ToDate(const PlainSpan& span) const {
    const auto months = Months(span);
    if (!months) return std::nullopt;
    int64_t start = months->first;
    while (start % 12 != fiscal_start_month_ - 1) --start;
    if (start + 12 < months->second) return std::nullopt;
    return start == months->first ? span : Cumulative(start, months->second);
  }
  bool AreAlike(const PlainSpan& a, const PlainSpan& b) const {
    if (a.grain != b.grain) return false;
    if (a.grain) return true;
    const auto of_a = *Months(a), of_b = *Months(b);
    return (of_a.first - of_b.first) % 12 == 0 &&
           of_a.second - of_a.first == of_b.second - of_b.first;
  }
  bool IsWholeYears(const PlainSpan& span) const {
    const auto months = Months(span);
    if (span.grain) return *span.grain == NaiveGrain::kYear;
    return months && (months->second - months->first) % 12 == 0;
  }

 private:
  const NaiveCalendar calendar_;
  const int fiscal_start_month_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_SPANS_H_
