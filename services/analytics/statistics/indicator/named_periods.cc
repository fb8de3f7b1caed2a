#include "services/analytics/statistics/indicator/named_periods.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "clients/cpp/catalog/period_text.h"

namespace tidemark::analytics {
namespace {

constexpr absl::CivilDay kFirstDay(1970, 1, 1);

absl::CivilDay EndOf(const type::v1::Period& period, absl::CivilDay start) {
  const auto count = static_cast<int64_t>(std::max(1u, period.count()));
  const auto months = [&](int of_each) {
    return absl::CivilDay(absl::CivilMonth(start) + of_each * count);
  };
  switch (period.grain()) {
    case type::v1::PERIOD_GRAIN_YEAR:
      return months(12);
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      return months(6);
    case type::v1::PERIOD_GRAIN_QUARTER:
      return months(3);
    case type::v1::PERIOD_GRAIN_MONTH:
      return months(1);
    case type::v1::PERIOD_GRAIN_WEEK:
      return start + 7 * count;
    default:
      return start + count;
  }
}

// Months from the first to the end; none where one of the bounds is no first day of a month.
std::optional<std::pair<absl::CivilMonth, absl::CivilMonth>> MonthsOf(const Calendar& calendar,
                                                                      const Period& period) {
  const Days days = DaysOf(calendar, period);
  const absl::CivilDay first = kFirstDay + days.first, end = kFirstDay + days.end;
  if (first.day() != 1 || end.day() != 1) return std::nullopt;
  return std::pair(absl::CivilMonth(first), absl::CivilMonth(end));
}

type::v1::Date DateOf(absl::CivilDay day) {
  type::v1::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

}  // namespace

Days DaysOf(const type::v1::Period& period) {
  const absl::CivilDay start(period.start().year(), period.start().month(), period.start().day());
  return {start - kFirstDay, EndOf(period, start) - kFirstDay};
}

Days DaysOf(const Calendar& calendar, const Period& period) {
  return {calendar.DayOf(period.start_us), calendar.DayOf(period.end_us)};
}

type::v1::Period DayPeriod(int64_t day) {
  type::v1::Period period;
  period.set_grain(type::v1::PERIOD_GRAIN_DAY);
  *period.mutable_start() = DateOf(kFirstDay + day);
  return period;
}

Period PeriodOf(const Calendar& calendar, const type::v1::Period& period) {
  const Days days = DaysOf(period);
  return {period.count() > 1 ? Grain::kAll : static_cast<Grain>(period.grain()),
          calendar.StartOfDay(days.first), calendar.StartOfDay(days.end)};
}

std::string PeriodName(const Calendar& calendar, const Period& period) {
  if (period.grain != Grain::kAll) return calendar.Name(period);
  const auto months = MonthsOf(calendar, period);
  if (!months) {
    const Days days = DaysOf(calendar, period);
    return absl::StrCat(absl::FormatCivilTime(kFirstDay + days.first), "..",
                        absl::FormatCivilTime(kFirstDay + days.end - 1));
  }
  // The longest grain that can name it, as the catalog has it.
  type::v1::Period named;
  *named.mutable_start() = DateOf(absl::CivilDay(months->first));
  const int64_t first = months->first.year() * 12 + months->first.month() - 1;
  const int64_t length = months->second - months->first;
  constexpr std::pair<int, type::v1::PeriodGrain> kGrains[] = {
      {12, type::v1::PERIOD_GRAIN_YEAR},
      {6, type::v1::PERIOD_GRAIN_HALF_YEAR},
      {3, type::v1::PERIOD_GRAIN_QUARTER},
      {1, type::v1::PERIOD_GRAIN_MONTH}};
  for (const auto& [of_each, grain] : kGrains) {
    if (first % of_each != 0 || length % of_each != 0) continue;
    named.set_grain(grain);
    if (length != of_each) named.set_count(static_cast<uint32_t>(length / of_each));
    break;
  }
  return catalog_client::PeriodText(named).value_or("");
}

std::optional<Period> YearsBefore(const Calendar& calendar, const Period& period, uint32_t years) {
  // What is no number of months has no counterpart in other years.
  if (period.grain == Grain::kAll && !MonthsOf(calendar, period)) return std::nullopt;
  std::optional<Period> earlier = period;
  for (; years > 0 && earlier; --years) earlier = calendar.YearEarlier(*earlier);
  return earlier;
}

std::optional<Period> PeriodBefore(const Calendar& calendar, const Period& period) {
  if (period.grain == Grain::kAll) return std::nullopt;
  return calendar.Previous(period);
}

std::optional<Period> YearToDate(const Calendar& calendar, int fiscal_start_month,
                                 const Period& period) {
  if (period.grain < Grain::kMonth) return std::nullopt;
  const auto months = MonthsOf(calendar, period);
  if (!months) return std::nullopt;
  absl::CivilMonth start(months->first.year(), fiscal_start_month);
  if (start > months->first) start -= 12;
  if (start + 12 < months->second) return std::nullopt;
  if (start == months->first) return period;
  return Period{Grain::kAll, calendar.StartOfDay(absl::CivilDay(start) - kFirstDay), period.end_us};
}

bool IsSameKind(const Calendar& calendar, const Period& a, const Period& b) {
  if (a.grain != b.grain) return false;
  if (a.grain != Grain::kAll) return true;
  const auto of_a = MonthsOf(calendar, a), of_b = MonthsOf(calendar, b);
  if (!of_a || !of_b) return false;
  return of_a->first.month() == of_b->first.month() &&
         of_a->second - of_a->first == of_b->second - of_b->first;
}

bool IsWholeYears(const Calendar& calendar, const Period& period) {
  if (period.grain == Grain::kYear) return true;
  if (period.grain != Grain::kAll) return false;
  const auto months = MonthsOf(calendar, period);
  return months && (months->second - months->first) % 12 == 0;
}

bool HoldsOne(const Calendar& calendar, const Period& period, Grain grain) {
  Period first = calendar.At(grain, period.start_us);
  if (first.start_us < period.start_us) first = calendar.Next(first);
  return first.end_us <= period.end_us;
}

}  // namespace tidemark::analytics
