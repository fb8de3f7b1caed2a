#include "services/catalog/types/dates.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace tidemark::catalog {
namespace {

using type::v1::PeriodGrain;

absl::CivilDay Civil(const Date& date) { return absl::CivilDay(date.year, date.month, date.day); }

int MonthsOf(PeriodGrain grain) {
  switch (grain) {
    case type::v1::PERIOD_GRAIN_MONTH:
      return 1;
    case type::v1::PERIOD_GRAIN_QUARTER:
      return 3;
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      return 6;
    case type::v1::PERIOD_GRAIN_YEAR:
      return 12;
    default:
      return 0;
  }
}

}  // namespace

Date FromProto(const type::v1::Date& proto) { return {proto.year(), proto.month(), proto.day()}; }

Validity FromProto(const type::v1::Validity& proto) {
  Validity validity;
  if (proto.has_start()) validity.start = FromProto(proto.start());
  if (proto.has_end()) validity.end = FromProto(proto.end());
  return validity;
}

std::string_view FirstDayProblem(PeriodGrain grain, const Date& day) {
  if (grain == type::v1::PERIOD_GRAIN_DAY) return "";
  if (grain == type::v1::PERIOD_GRAIN_WEEK) {
    return absl::GetWeekday(Civil(day)) == absl::Weekday::monday ? "" : "a Monday";
  }
  const int months = MonthsOf(grain);
  if (day.day == 1 && (day.month - 1) % months == 0) return "";
  switch (grain) {
    case type::v1::PERIOD_GRAIN_MONTH:
      return "the first day of a month";
    case type::v1::PERIOD_GRAIN_QUARTER:
      return "the first day of a quarter";
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      return "the first day of a half-year";
    default:
      return "the first day of a year";
  }
}

Validity DaysOf(const type::v1::Period& period) {
  const Date start = FromProto(period.start());
  const int count = static_cast<int>(std::max(period.count(), uint32_t{1}));
  absl::CivilDay end;
  if (const int months = MonthsOf(period.grain()); months > 0) {
    end = absl::CivilDay(absl::CivilMonth(Civil(start)) + months * count);
  } else {
    end = Civil(start) + (period.grain() == type::v1::PERIOD_GRAIN_WEEK ? 7 : 1) * count;
  }
  return {start, Date{static_cast<int32_t>(end.year()), end.month(), end.day()}};
}

int32_t DayNumber(const Date& date) {
  return static_cast<int32_t>(Civil(date) - absl::CivilDay(1970, 1, 1));
}

Date DateOfNumber(int32_t number) {
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + number;
  return {static_cast<int32_t>(day.year()), day.month(), day.day()};
}

DaySpan SpanOf(const type::v1::Period& period) {
  const Validity days = DaysOf(period);
  return {DayNumber(*days.start), DayNumber(*days.end)};
}

type::v1::Period PeriodOf(const DaySpan& days) {
  const Date first = DateOfNumber(days.first);
  const Date end = DateOfNumber(days.end);
  type::v1::Period period;
  uint32_t count = 0;
  for (const PeriodGrain grain : {type::v1::PERIOD_GRAIN_YEAR, type::v1::PERIOD_GRAIN_HALF_YEAR,
                                  type::v1::PERIOD_GRAIN_QUARTER, type::v1::PERIOD_GRAIN_MONTH,
                                  type::v1::PERIOD_GRAIN_WEEK, type::v1::PERIOD_GRAIN_DAY}) {
    if (!FirstDayProblem(grain, first).empty() || !FirstDayProblem(grain, end).empty()) continue;
    const int months = MonthsOf(grain);
    const int length =
        months > 0 ? (end.year - first.year) * 12 + end.month - first.month : days.end - days.first;
    period.set_grain(grain);
    count = static_cast<uint32_t>(length / (months > 0                             ? months
                                            : grain == type::v1::PERIOD_GRAIN_WEEK ? 7
                                                                                   : 1));
    break;
  }
  period.mutable_start()->set_year(first.year);
  period.mutable_start()->set_month(first.month);
  period.mutable_start()->set_day(first.day);
  if (count > 1) period.set_count(count);
  return period;
}

}  // namespace tidemark::catalog
