#include "services/analytics/query/calendar.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/analytics/domain/floor_div.h"

namespace tidemark::analytics {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kHourSeconds = 3600;
constexpr int64_t kDaySeconds = 86'400;
// Bounds of the civil arithmetic: far outside what ingest accepts, far inside int64.
constexpr int64_t kLeastUs = -62'200'000'000 * kSecond;
constexpr int64_t kMostUs = 253'500'000'000 * kSecond;

const absl::CivilDay kEpochDay(1970, 1, 1);

absl::CivilDay MondayOf(absl::CivilDay day) {
  return absl::PrevWeekday(day + 1, absl::Weekday::monday);
}

absl::CivilDay FirstDay(Grain grain, absl::CivilDay day) {
  switch (grain) {
    case Grain::kWeek:
      return MondayOf(day);
    case Grain::kMonth:
      return absl::CivilDay(day.year(), day.month(), 1);
    case Grain::kQuarter:
      return absl::CivilDay(day.year(), (day.month() - 1) / 3 * 3 + 1, 1);
    case Grain::kHalfYear:
      return absl::CivilDay(day.year(), (day.month() - 1) / 6 * 6 + 1, 1);
    case Grain::kYear:
      return absl::CivilDay(day.year(), 1, 1);
    default:
      return day;
  }
}

absl::CivilDay EndDay(Grain grain, absl::CivilDay first) {
  switch (grain) {
    case Grain::kWeek:
      return first + 7;
    case Grain::kMonth:
      return absl::CivilDay(first.year(), first.month() + 1, 1);
    case Grain::kQuarter:
      return absl::CivilDay(first.year(), first.month() + 3, 1);
    case Grain::kHalfYear:
      return absl::CivilDay(first.year(), first.month() + 6, 1);
    case Grain::kYear:
      return absl::CivilDay(first.year() + 1, 1, 1);
    default:
      return first + 1;
  }
}

}  // namespace

absl::CivilDay MondayOfIsoWeek(int64_t iso_year, int week) {
  // 4 January always lies in week 1.
  return MondayOf(absl::CivilDay(iso_year, 1, 4)) + 7 * (week - 1);
}

int WeeksOfIsoYear(int64_t iso_year) {
  return static_cast<int>((MondayOfIsoWeek(iso_year + 1, 1) - MondayOfIsoWeek(iso_year, 1)) / 7);
}

std::string_view GrainName(Grain grain) {
  constexpr std::string_view kNames[] = {"",        "hour",      "day",  "week", "month",
                                         "quarter", "half_year", "year", "all"};
  return kNames[static_cast<int>(grain)];
}

Calendar::Calendar(absl::TimeZone zone) : zone_(zone) {
  // Own integers instead of asking the zone: hourly questions ask some hundred thousand times.
  absl::Time time = absl::InfinitePast();
  absl::TimeZone::CivilTransition change;
  spans_.push_back({INT64_MIN / 4, INT64_MAX / 4, 0});
  bool first = true;
  while (zone_.NextTransition(time, &change)) {
    const auto info = zone_.At(change.to);
    time = info.kind == absl::TimeZone::TimeInfo::UNIQUE ? info.pre : info.trans;
    const int64_t second = absl::ToUnixSeconds(time);
    if (first) spans_.back().offset_s = zone_.At(time - absl::Seconds(1)).offset;
    first = false;
    const int64_t offset = zone_.At(time).offset;
    if (offset == spans_.back().offset_s) continue;
    spans_.back().end_s = second;
    spans_.push_back({second, INT64_MAX / 4, offset});
  }
  if (first) spans_.back().offset_s = zone_.At(absl::UnixEpoch()).offset;
  for (size_t i = 1; i < spans_.size(); ++i) {
    const int64_t before = FloorDiv(spans_[i].from_s - 1 + spans_[i - 1].offset_s, kDaySeconds);
    const int64_t after = FloorDiv(spans_[i].from_s + spans_[i].offset_s, kDaySeconds);
    for (int64_t day = before + 1; day < after; ++day) missing_days_.push_back(day);
  }
}

const Calendar::Span& Calendar::SpanAt(int64_t second) const {
  return *(std::upper_bound(spans_.begin(), spans_.end(), second,
                            [](int64_t s, const Span& span) { return s < span.from_s; }) -
           1);
}

size_t Calendar::SpanReaching(int64_t local_second) const {
  return static_cast<size_t>(
      std::upper_bound(spans_.begin(), spans_.end(), local_second,
                       [](int64_t s, const Span& span) { return s < span.end_s + span.offset_s; }) -
      spans_.begin());
}

int64_t Calendar::StartOf(absl::CivilDay day) const { return StartOfDay(day - kEpochDay); }

int64_t Calendar::StartOfDay(int64_t day) const {
  const int64_t midnight = day * kDaySeconds;
  const Span& span = spans_[SpanReaching(midnight)];
  return std::max(span.from_s, midnight - span.offset_s) * kSecond;
}

int64_t Calendar::DayOf(int64_t time_us) const {
  const int64_t time = std::clamp(time_us, kLeastUs, kMostUs);
  const int64_t second = FloorDiv(time, kSecond);
  int64_t day = FloorDiv(second + SpanAt(second).offset_s, kDaySeconds);
  // The clock may show a day again after the next has begun (a change just past midnight).
  while (time < StartOfDay(day)) --day;
  while (time >= StartOfDay(day + 1)) ++day;
  return day;
}

Period Calendar::FromDays(Grain grain, absl::CivilDay first, absl::CivilDay end) const {
  return {grain, StartOf(first), StartOf(end)};
}

Period Calendar::ContainingDay(Grain grain, absl::CivilDay day) const {
  const absl::CivilDay first = FirstDay(grain, day);
  return FromDays(grain, first, EndDay(grain, first));
}

Period Calendar::HourAt(int64_t time_us) const {
  const int64_t second = FloorDiv(std::clamp(time_us, kLeastUs, kMostUs), kSecond);
  const Span& span = SpanAt(second);
  const int64_t start =
      FloorDiv(second + span.offset_s, kHourSeconds) * kHourSeconds - span.offset_s;
  return {Grain::kHour, std::max(start, span.from_s) * kSecond,
          std::min(start + kHourSeconds, span.end_s) * kSecond};
}

Period Calendar::At(Grain grain, int64_t time_us) const {
  if (grain == Grain::kAll) return {};
  if (grain == Grain::kHour) return HourAt(time_us);
  return ContainingDay(grain, kEpochDay + DayOf(time_us));
}

std::optional<Period> Calendar::HourYearEarlier(const Period& period) const {
  const int64_t second = period.start_us / kSecond;
  const int64_t offset = SpanAt(second).offset_s;
  const int64_t local = second + offset;
  const absl::CivilDay today = kEpochDay + FloorDiv(local, kDaySeconds);
  const absl::CivilDay date(today.year() - 1, today.month(), today.day());
  if (date.day() != today.day()) return std::nullopt;
  const int64_t hour = FloorDiv(local, kHourSeconds) - FloorDiv(local, kDaySeconds) * 24;
  const int64_t begin = (date - kEpochDay) * kDaySeconds + hour * kHourSeconds;
  // Around a clock change two spans show the hour, or none does.
  std::optional<Period> found;
  for (size_t i = SpanReaching(begin); i < spans_.size(); ++i) {
    const Span& span = spans_[i];
    if (span.from_s + span.offset_s >= begin + kHourSeconds) break;
    const Period candidate = HourAt(std::max(span.from_s, begin - span.offset_s) * kSecond);
    if (span.offset_s == offset) return candidate;
    if (!found) found = candidate;
  }
  return found;
}

std::optional<Period> Calendar::CumulativeYearEarlier(const Period& period) const {
  if (period.start_us == kBeginningOfTime || period.end_us == kEndOfTime) return std::nullopt;
  // Its bounds are first days of months, which every year has.
  const absl::CivilDay first = kEpochDay + DayOf(period.start_us);
  const absl::CivilDay end = kEpochDay + DayOf(period.end_us);
  return FromDays(Grain::kAll, absl::CivilDay(first.year() - 1, first.month(), 1),
                  absl::CivilDay(end.year() - 1, end.month(), 1));
}

std::optional<Period> Calendar::YearEarlier(const Period& period) const {
  if (period.grain == Grain::kAll) return CumulativeYearEarlier(period);
  if (period.grain == Grain::kHour) return HourYearEarlier(period);
  const absl::CivilDay day = kEpochDay + DayOf(period.start_us);
  if (period.grain == Grain::kWeek) {
    const int64_t iso_year = (MondayOf(day) + 3).year();
    const int week = static_cast<int>((MondayOf(day) - MondayOfIsoWeek(iso_year, 1)) / 7) + 1;
    return ContainingDay(Grain::kWeek, MondayOfIsoWeek(iso_year - 1, std::min(week, 52)));
  }
  // Days: 29 February normalises into March. Longer periods start on days that every year has.
  const absl::CivilDay base(day.year() - 1, day.month(), day.day());
  if (base.day() != day.day()) return std::nullopt;
  const Period earlier = ContainingDay(period.grain, base);
  if (earlier.start_us >= earlier.end_us) return std::nullopt;
  return earlier;
}

bool Calendar::IsWeek53(const Period& period) const {
  if (period.grain != Grain::kWeek) return false;
  const absl::CivilDay monday = kEpochDay + DayOf(period.start_us);
  return monday == MondayOfIsoWeek((monday + 3).year(), 53);
}

absl::StatusOr<std::vector<Period>> Calendar::Cover(Grain grain, int64_t start_us, int64_t end_us,
                                                    size_t limit) const {
  std::vector<Period> periods;
  if (start_us >= end_us) return periods;
  for (Period period = At(grain, start_us);; period = Next(period)) {
    if (periods.size() == limit) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", limit, " periods of grain ", GrainName(grain),
                       "; narrow the range or take a longer grain"));
    }
    periods.push_back(period);
    if (grain == Grain::kAll || period.end_us >= end_us) return periods;
  }
}

}  // namespace tidemark::analytics
