#include "services/analytics/statistics/targets/period_span.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "clients/cpp/catalog/period_text.h"

namespace tidemark::analytics {
namespace {

using type::v1::PeriodGrain;

constexpr int64_t kDaysOfWeek = 7;
const absl::CivilDay kEpoch(1970, 1, 1);
const absl::CivilMonth kFirstMonth(0, 1);

// Periods of a grain.
struct Named {
  PeriodGrain grain = type::v1::PERIOD_GRAIN_DAY;
  int64_t count = 0;
};

Named LongestGrain(const PeriodSpan& span) {
  if (!span.in_months) {
    const bool weeks = absl::GetWeekday(kEpoch + span.first) == absl::Weekday::monday &&
                       span.length() % kDaysOfWeek == 0;
    if (weeks) return {type::v1::PERIOD_GRAIN_WEEK, span.length() / kDaysOfWeek};
    return {type::v1::PERIOD_GRAIN_DAY, span.length()};
  }
  constexpr std::pair<PeriodGrain, int64_t> kGrains[] = {
      {type::v1::PERIOD_GRAIN_YEAR, kMonthsOfYear},
      {type::v1::PERIOD_GRAIN_HALF_YEAR, 6},
      {type::v1::PERIOD_GRAIN_QUARTER, kMonthsOfQuarter},
  };
  for (const auto& [grain, months] : kGrains) {
    if (span.first % months == 0 && span.length() % months == 0)
      return {grain, span.length() / months};
  }
  return {type::v1::PERIOD_GRAIN_MONTH, span.length()};
}

// 0: periods of the grain are days.
int64_t MonthsOf(PeriodGrain grain) {
  switch (grain) {
    case type::v1::PERIOD_GRAIN_MONTH:
      return 1;
    case type::v1::PERIOD_GRAIN_QUARTER:
      return kMonthsOfQuarter;
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      return 6;
    case type::v1::PERIOD_GRAIN_YEAR:
      return kMonthsOfYear;
    default:
      return 0;
  }
}

}  // namespace

int64_t PeriodSpan::first_day() const {
  return in_months ? absl::CivilDay(kFirstMonth + first) - kEpoch : first;
}

int64_t PeriodSpan::end_day() const {
  return in_months ? absl::CivilDay(kFirstMonth + end) - kEpoch : end;
}

std::optional<PeriodSpan> SpanOf(const type::v1::Period& period) {
  const absl::CivilDay start(period.start().year(), period.start().month(), period.start().day());
  const int64_t count = std::max<int64_t>(period.count(), 1);
  const int64_t months = MonthsOf(period.grain());
  absl::CivilDay end = start;
  if (months > 0) {
    end = absl::CivilDay(absl::CivilMonth(start) + months * count);
  } else if (period.grain() == type::v1::PERIOD_GRAIN_WEEK) {
    end += kDaysOfWeek * count;
  } else if (period.grain() == type::v1::PERIOD_GRAIN_DAY) {
    end += count;
  } else {
    return std::nullopt;
  }
  if (start.day() == 1 && end.day() == 1) {
    return PeriodSpan{true, absl::CivilMonth(start) - kFirstMonth,
                      absl::CivilMonth(end) - kFirstMonth};
  }
  return PeriodSpan{false, start - kEpoch, end - kEpoch};
}

std::string NameOf(const PeriodSpan& span) {
  const Named named = LongestGrain(span);
  const absl::CivilDay first = kEpoch + span.first_day();
  type::v1::Period period;
  period.set_grain(named.grain);
  period.mutable_start()->set_year(static_cast<int>(first.year()));
  period.mutable_start()->set_month(first.month());
  period.mutable_start()->set_day(first.day());
  period.set_count(static_cast<uint32_t>(named.count));
  return catalog_client::PeriodText(period).value_or("");
}

bool AreLike(const PeriodSpan& a, const PeriodSpan& b) {
  const Named of_a = LongestGrain(a), of_b = LongestGrain(b);
  if (of_a.grain != of_b.grain || of_a.count != of_b.count) return false;
  return !a.in_months || of_a.count == 1 || (a.first - b.first) % kMonthsOfYear == 0;
}

bool IsYear(const PeriodSpan& span) { return span.in_months && span.length() == kMonthsOfYear; }

Period CalendarPeriod(const PeriodSpan& span, const Calendar& calendar) {
  const Named named = LongestGrain(span);
  return {.grain = named.count == 1 ? static_cast<Grain>(named.grain) : Grain::kAll,
          .start_us = calendar.StartOfDay(span.first_day()),
          .end_us = calendar.StartOfDay(span.end_day())};
}

}  // namespace tidemark::analytics
