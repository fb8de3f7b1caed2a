#include "services/analytics/testing/naive_calendar.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::analytics::testing {
namespace {

constexpr int64_t kQuarterHour = 900;
constexpr int64_t kEver = INT64_MIN;

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// Summer time of the United Kingdom since 1996: from the last Sunday of March to that of October,
// changing at 01:00 UTC.
std::vector<std::pair<int64_t, int>> London() {
  std::vector<std::pair<int64_t, int>> offsets = {{kEver, 0}};
  for (int year = 1996; year <= 2040; ++year) {
    for (const int month : {3, 10}) {
      int64_t sunday = DayNumber({year, month, 31});
      while (Weekday(sunday) != 7) --sunday;
      offsets.push_back({sunday * 86400 + 3600, month == 3 ? 3600 : 0});
    }
  }
  return offsets;
}

}  // namespace

int64_t DayNumber(NaiveDate date) {
  int64_t days = 0;
  for (int year = 1970; year < date.year; ++year) days += IsLeap(year) ? 366 : 365;
  for (int month = 1; month < date.month; ++month) days += DaysInMonth(date.year, month);
  return days + date.day - 1;
}

NaiveDate DateOf(int64_t day_number) {
  NaiveDate date;
  while (day_number >= (IsLeap(date.year) ? 366 : 365))
    day_number -= IsLeap(date.year++) ? 366 : 365;
  while (day_number >= DaysInMonth(date.year, date.month)) {
    day_number -= DaysInMonth(date.year, date.month++);
  }
  date.day = static_cast<int>(day_number) + 1;
  return date;
}

int Weekday(int64_t day_number) { return static_cast<int>((day_number + 3) % 7) + 1; }

std::vector<std::string> NaiveCalendar::ZoneNames() {
  return {"Asia/Shanghai", "Europe/London", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia"};
}

NaiveCalendar::NaiveCalendar(const std::string& name) {
  if (name == "Europe/London") {
    offsets_ = London();
  } else if (name == "Asia/Kathmandu") {
    offsets_ = {{kEver, 20700}};
  } else if (name == "America/Sao_Paulo") {
    // 2014 on: clocks changed at midnight until 2019.
    offsets_ = {{kEver, -7200},       {1392516000, -10800}, {1413687600, -7200},
                {1424570400, -10800}, {1445137200, -7200},  {1456020000, -10800},
                {1476586800, -7200},  {1487469600, -10800}, {1508036400, -7200},
                {1518919200, -10800}, {1541300400, -7200},  {1550368800, -10800}};
  } else if (name == "Pacific/Apia") {
    // 2011 to 2013: 30 December 2011 was left out.
    offsets_ = {{kEver, -36000},     {1301752800, -39600}, {1316872800, -36000},
                {1325239200, 50400}, {1333202400, 46800},  {1348927200, 50400},
                {1365256800, 46800}, {1380376800, 50400}};
  } else {
    offsets_ = {{kEver, 28800}};
  }
}

int NaiveCalendar::OffsetAt(int64_t second) const {
  int offset = 0;
  for (const auto& [from, value] : offsets_) {
    if (from <= second) offset = value;
  }
  return offset;
}

int64_t NaiveCalendar::DayAt(int64_t time_us) const {
  const int64_t second = time_us / 1'000'000;
  return (second + OffsetAt(second)) / 86400;
}

int64_t NaiveCalendar::StartOfDay(int64_t day_number) const {
  const auto found = starts_.find(day_number);
  if (found != starts_.end()) return found->second;
  int64_t second = day_number * 86400 - 15 * 3600;
  while (DayAt(second * 1'000'000) < day_number) second += kQuarterHour;
  return starts_[day_number] = second * 1'000'000;
}

NaivePeriod NaiveCalendar::Days(std::string name, int64_t first, int64_t end) const {
  return {std::move(name), StartOfDay(first), StartOfDay(end)};
}

NaivePeriod NaiveCalendar::HourAt(int64_t time_us) const {
  const int64_t second = time_us / 1'000'000;
  const auto clock = [this](int64_t s) {
    const int offset = OffsetAt(s);
    return std::pair<int64_t, int>((s + offset) / 3600, offset);
  };
  int64_t start = second / kQuarterHour * kQuarterHour;
  while (clock(start - kQuarterHour) == clock(second)) start -= kQuarterHour;
  int64_t end = start;
  while (clock(end) == clock(second)) end += kQuarterHour;
  const auto [hour, offset] = clock(second);
  const NaiveDate date = DateOf(hour / 24);
  const int away = offset < 0 ? -offset : offset;
  return {absl::StrFormat("%04d-%02d-%02dT%02d%s%02d:%02d", date.year, date.month, date.day,
                          hour % 24, offset < 0 ? "-" : "+", away / 3600, away / 60 % 60),
          start * 1'000'000, end * 1'000'000};
}

NaivePeriod NaiveCalendar::ContainingDay(NaiveGrain grain, int64_t day) const {
  const NaiveDate date = DateOf(day);
  const auto months = [&](int length, const std::string& name) {
    const int first = (date.month - 1) / length * length + 1;
    const int next = first + length;
    return Days(name, DayNumber({date.year, first, 1}),
                next > 12 ? DayNumber({date.year + 1, 1, 1}) : DayNumber({date.year, next, 1}));
  };
  const std::string year = absl::StrFormat("%04d", date.year);
  switch (grain) {
    case NaiveGrain::kWeek: {
      const int64_t monday = day - (Weekday(day) - 1);
      // A week belongs to the year of its Thursday.
      const NaiveDate thursday = DateOf(monday + 3);
      const int64_t week = (monday + 3 - DayNumber({thursday.year, 1, 1})) / 7 + 1;
      return Days(absl::StrFormat("%04d-W%02d", thursday.year, week), monday, monday + 7);
    }
    case NaiveGrain::kMonth:
      return months(1, absl::StrFormat("%s-%02d", year, date.month));
    case NaiveGrain::kQuarter:
      return months(3, absl::StrCat(year, "-Q", (date.month + 2) / 3));
    case NaiveGrain::kHalfYear:
      return months(6, absl::StrCat(year, "-H", date.month <= 6 ? 1 : 2));
    case NaiveGrain::kYear:
      return months(12, year);
    default:
      return Days(absl::StrFormat("%s-%02d-%02d", year, date.month, date.day), day, day + 1);
  }
}

NaivePeriod NaiveCalendar::At(NaiveGrain grain, int64_t time_us) const {
  return grain == NaiveGrain::kHour ? HourAt(time_us) : ContainingDay(grain, DayAt(time_us));
}

std::optional<NaivePeriod> NaiveCalendar::YearEarlier(NaiveGrain grain,
                                                      const NaivePeriod& period) const {
  const int64_t day = DayAt(period.start_us);
  NaiveDate date = DateOf(day);
  if (grain == NaiveGrain::kWeek) {
    int year = 0, week = 0;
    std::sscanf(period.name.c_str(), "%d-W%d", &year, &week);
    return Named(absl::StrFormat("%04d-W%02d", year - 1, week == 53 ? 52 : week));
  }
  --date.year;
  if (date.day > DaysInMonth(date.year, date.month)) return std::nullopt;
  const int64_t earlier = DayNumber(date);
  if (grain != NaiveGrain::kHour) {
    const NaivePeriod base = ContainingDay(grain, earlier);
    if (base.start_us == base.end_us) return std::nullopt;
    return base;
  }
  const std::string hour = period.name.substr(10, 3);
  const std::string offset = period.name.substr(13);
  std::optional<NaivePeriod> found;
  for (int64_t s = StartOfDay(earlier); s < StartOfDay(earlier + 1);
       s += kQuarterHour * 1'000'000) {
    const NaivePeriod candidate = HourAt(s);
    if (candidate.name.substr(10, 3) != hour) continue;
    if (candidate.name.substr(13) == offset) return candidate;
    if (!found) found = candidate;
  }
  return found;
}

NaivePeriod NaiveCalendar::Named(const std::string& name) const {
  int year = 0, a = 0, b = 0;
  char sign = 0;
  int hour = 0, offset_hours = 0, offset_minutes = 0;
  const auto join = [&](const std::string& first, const std::string& last) {
    return NaivePeriod{name, Named(first).start_us, Named(last).end_us};
  };
  if (std::sscanf(name.c_str(), "%d-Q%d..Q%d", &year, &a, &b) == 3) {
    return join(absl::StrFormat("%04d-Q%d", year, a), absl::StrFormat("%04d-Q%d", year, b));
  }
  if (std::sscanf(name.c_str(), "%d-%d..%d", &year, &a, &b) == 3) {
    return join(absl::StrFormat("%04d-%02d", year, a), absl::StrFormat("%04d-%02d", year, b));
  }
  if (std::sscanf(name.c_str(), "%d-%d-%dT%d%c%d:%d", &year, &a, &b, &hour, &sign, &offset_hours,
                  &offset_minutes) == 7) {
    const int64_t offset = (sign == '-' ? -1 : 1) * (offset_hours * 3600 + offset_minutes * 60);
    return HourAt((DayNumber({year, a, b}) * 86400 + hour * 3600 - offset) * 1'000'000);
  }
  if (std::sscanf(name.c_str(), "%d-%d-%d", &year, &a, &b) == 3) {
    return ContainingDay(NaiveGrain::kDay, DayNumber({year, a, b}));
  }
  if (std::sscanf(name.c_str(), "%d-W%d", &year, &a) == 2) {
    int64_t monday = DayNumber({year, 1, 4});
    monday -= Weekday(monday) - 1;
    return ContainingDay(NaiveGrain::kWeek, monday + 7 * (a - 1));
  }
  if (std::sscanf(name.c_str(), "%d-Q%d", &year, &a) == 2) {
    return ContainingDay(NaiveGrain::kQuarter, DayNumber({year, a * 3, 1}));
  }
  if (std::sscanf(name.c_str(), "%d-H%d", &year, &a) == 2) {
    return ContainingDay(NaiveGrain::kHalfYear, DayNumber({year, a * 6, 1}));
  }
  if (std::sscanf(name.c_str(), "%d-%d", &year, &a) == 2) {
    return ContainingDay(NaiveGrain::kMonth, DayNumber({year, a, 1}));
  }
  if (std::sscanf(name.c_str(), "%d", &year) != 1) std::abort();
  return ContainingDay(NaiveGrain::kYear, DayNumber({year, 1, 1}));
}

}  // namespace tidemark::analytics::testing
