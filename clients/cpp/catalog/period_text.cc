#include "clients/cpp/catalog/period_text.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace tidemark::catalog_client {
namespace {

using type::v1::PeriodGrain;

constexpr int64_t kMostPeriods = 120;

// One period: the grain and how many of it have gone by since its first, at the year 0 or, of
// weeks and days, in 1970.
struct Numbered {
  PeriodGrain grain;
  int64_t number;
};

const absl::CivilDay kFirstMonday(1970, 1, 5);
const absl::CivilDay kFirstDay(1970, 1, 1);

// Exactly so many digits.
std::optional<int> Digits(std::string_view text, size_t count) {
  int value = 0;
  if (text.size() != count || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &value)) {
    return std::nullopt;
  }
  return value;
}

// The Monday of an ISO week of a year: week 1 is the one with 4 January.
absl::CivilDay MondayOf(int year, int week) {
  const absl::CivilDay fourth(year, 1, 4);
  return absl::PrevWeekday(fourth + 1, absl::Weekday::monday) + 7 * (week - 1);
}

// Of the Thursday, which decides the year of an ISO week.
absl::CivilDay ThursdayOf(const absl::CivilDay& monday) { return monday + 3; }

std::optional<Numbered> ParseOne(std::string_view text) {
  const auto year = Digits(text.substr(0, 4), 4);
  if (!year || *year < 1) return std::nullopt;
  if (text.size() == 4) return Numbered{type::v1::PERIOD_GRAIN_YEAR, *year};
  if (text[4] != '-' || text.size() < 7) return std::nullopt;
  const std::string_view rest = text.substr(5);
  if (rest[0] == 'H' || rest[0] == 'Q') {
    const int of_year = rest[0] == 'H' ? 2 : 4;
    const auto part = Digits(rest.substr(1), 1);
    if (!part || *part < 1 || *part > of_year) return std::nullopt;
    return Numbered{
        rest[0] == 'H' ? type::v1::PERIOD_GRAIN_HALF_YEAR : type::v1::PERIOD_GRAIN_QUARTER,
        int64_t{*year} * of_year + *part - 1};
  }
  if (rest[0] == 'W') {
    const auto week = Digits(rest.substr(1), 2);
    if (!week || *week < 1) return std::nullopt;
    const absl::CivilDay monday = MondayOf(*year, *week);
    if (ThursdayOf(monday).year() != *year) return std::nullopt;
    return Numbered{type::v1::PERIOD_GRAIN_WEEK, (monday - kFirstMonday) / 7};
  }
  const auto month = Digits(rest.substr(0, 2), 2);
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  if (rest.size() == 2)
    return Numbered{type::v1::PERIOD_GRAIN_MONTH, int64_t{*year} * 12 + *month - 1};
  const auto day = rest[2] == '-' ? Digits(rest.substr(3), 2) : std::nullopt;
  if (!day) return std::nullopt;
  const absl::CivilDay civil(*year, *month, *day);
  if (civil.month() != *month || civil.day() != *day) return std::nullopt;
  return Numbered{type::v1::PERIOD_GRAIN_DAY, civil - kFirstDay};
}

absl::CivilDay FirstDayOf(const Numbered& period) {
  switch (period.grain) {
    case type::v1::PERIOD_GRAIN_YEAR:
      return absl::CivilDay(period.number, 1, 1);
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      return absl::CivilDay(absl::CivilMonth(0, 1) + period.number * 6);
    case type::v1::PERIOD_GRAIN_QUARTER:
      return absl::CivilDay(absl::CivilMonth(0, 1) + period.number * 3);
    case type::v1::PERIOD_GRAIN_MONTH:
      return absl::CivilDay(absl::CivilMonth(0, 1) + period.number);
    case type::v1::PERIOD_GRAIN_WEEK:
      return kFirstMonday + period.number * 7;
    default:
      return kFirstDay + period.number;
  }
}

std::string NameOf(const Numbered& period) {
  const absl::CivilDay day = FirstDayOf(period);
  switch (period.grain) {
    case type::v1::PERIOD_GRAIN_YEAR:
      return absl::StrFormat("%04d", day.year());
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      return absl::StrFormat("%04d-H%d", day.year(), day.month() / 7 + 1);
    case type::v1::PERIOD_GRAIN_QUARTER:
      return absl::StrFormat("%04d-Q%d", day.year(), (day.month() - 1) / 3 + 1);
    case type::v1::PERIOD_GRAIN_MONTH:
      return absl::StrFormat("%04d-%02d", day.year(), day.month());
    case type::v1::PERIOD_GRAIN_WEEK: {
      const absl::CivilDay thursday = ThursdayOf(day);
      return absl::StrFormat("%04d-W%02d", thursday.year(),
                             (day - MondayOf(static_cast<int>(thursday.year()), 1)) / 7 + 1);
    }
    default:
      return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
  }
}

// The last of several, written in full or without what it shares with the first.
std::optional<Numbered> ParseLast(std::string_view first, std::string_view text) {
  if (auto whole = ParseOne(text)) return whole;
  for (size_t dash = first.rfind('-'); dash != std::string_view::npos && dash > 0;
       dash = first.rfind('-', dash - 1)) {
    if (auto last = ParseOne(absl::StrCat(first.substr(0, dash + 1), text))) return last;
  }
  return std::nullopt;
}

}  // namespace

std::optional<type::v1::Period> ParsePeriod(std::string_view text) {
  const size_t dots = text.find("..");
  const std::string_view head = text.substr(0, dots);
  const auto first = ParseOne(head);
  if (!first) return std::nullopt;
  int64_t count = 1;
  if (dots != std::string_view::npos) {
    const auto last = ParseLast(head, text.substr(dots + 2));
    if (!last || last->grain != first->grain) return std::nullopt;
    count = last->number - first->number + 1;
    if (count < 1 || count > kMostPeriods) return std::nullopt;
  }
  const absl::CivilDay day = FirstDayOf(*first);
  type::v1::Period period;
  period.set_grain(first->grain);
  period.mutable_start()->set_year(static_cast<int>(day.year()));
  period.mutable_start()->set_month(day.month());
  period.mutable_start()->set_day(day.day());
  if (count > 1) period.set_count(static_cast<uint32_t>(count));
  return period;
}

std::optional<std::string> PeriodText(const type::v1::Period& period) {
  const type::v1::Date& start = period.start();
  const absl::CivilDay day(start.year(), start.month(), start.day());
  if (start.year() < 1 || start.year() > 9999 || day.month() != start.month() ||
      day.day() != start.day() || period.count() > kMostPeriods) {
    return std::nullopt;
  }
  const int64_t months = int64_t{start.year()} * 12 + start.month() - 1;
  Numbered first = {period.grain(), day - kFirstDay};
  switch (period.grain()) {
    case type::v1::PERIOD_GRAIN_YEAR:
      first.number = start.year();
      break;
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      first.number = months / 6;
      break;
    case type::v1::PERIOD_GRAIN_QUARTER:
      first.number = months / 3;
      break;
    case type::v1::PERIOD_GRAIN_MONTH:
      first.number = months;
      break;
    case type::v1::PERIOD_GRAIN_WEEK:
      first.number = (day - kFirstMonday) / 7;
      break;
    case type::v1::PERIOD_GRAIN_DAY:
      break;
    default:
      return std::nullopt;
  }
  if (FirstDayOf(first) != day) return std::nullopt;
  std::string name = NameOf(first);
  if (period.count() <= 1) return name;
  const std::string last = NameOf({first.grain, first.number + period.count() - 1});
  // `2024-01..02`, not `2024-01..2024-02`; nothing is left out of `2013..2022`.
  const size_t dash = name.rfind('-');
  const bool shared = dash != std::string::npos && last.starts_with(name.substr(0, dash + 1));
  return absl::StrCat(name, "..", shared ? last.substr(dash + 1) : last);
}

}  // namespace tidemark::catalog_client
