#include <optional>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/analytics/query/calendar.h"

// The names of periods: Calendar::Name and Calendar::Parse.
namespace tidemark::analytics {
namespace {

const absl::CivilDay kEpochDay(1970, 1, 1);

std::string OffsetName(int offset) {
  const char sign = offset < 0 ? '-' : '+';
  const int seconds = offset < 0 ? -offset : offset;
  std::string name = absl::StrFormat("%c%02d:%02d", sign, seconds / 3600, seconds / 60 % 60);
  if (seconds % 60 != 0) absl::StrAppendFormat(&name, ":%02d", seconds % 60);
  return name;
}

// Takes exactly `digits` digits off the front.
std::optional<int> TakeNumber(std::string_view* text, size_t digits) {
  if (text->size() < digits) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text->remove_prefix(digits);
  return value;
}

bool Take(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

absl::Status Malformed(std::string_view name) {
  // `2024-01..2024-06`, where `2024-01..06` is a name.
  const size_t dots = name.find("..");
  if (dots != std::string_view::npos) {
    const std::string_view first = name.substr(0, dots), last = name.substr(dots + 2);
    std::string_view year = last;
    if (TakeNumber(&year, 4)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", name,
                       "\" are two periods, the first and the last of a range; write "
                       "`from ",
                       first, " to ", last, "` in the text of a query"));
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name,
                   "\" is not the name of a period; want one like 2024, 2024-H1, 2024-Q1, 2024-03, "
                   "2024-W09, 2024-03-05, 2024-03-05T14+08:00, 2024-01..02 or 2024-Q1..Q3"));
}

absl::Status NoSuchPeriod(std::string_view name, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" does not exist: ", why));
}

// A run of equal parts of one year, before it is laid on a time zone.
struct Parts {
  Grain grain = Grain::kYear;
  int first = 1;
  int last = 1;
};

int PartsPerYear(Grain grain, int64_t year) {
  switch (grain) {
    case Grain::kHalfYear:
      return 2;
    case Grain::kQuarter:
      return 4;
    case Grain::kMonth:
      return 12;
    case Grain::kWeek:
      return WeeksOfIsoYear(year);
    default:
      return 1;
  }
}

// What follows the year: "", "-H1", "-Q1", "-W09", "-03", and "..02", "..Q3" where allowed.
std::optional<Parts> ParseParts(std::string_view rest) {
  if (rest.empty()) return Parts{};
  if (!Take(&rest, "-")) return std::nullopt;
  std::string_view letter;
  Parts parts{.grain = Grain::kMonth};
  for (const auto& [prefix, grain] : {std::pair<std::string_view, Grain>{"H", Grain::kHalfYear},
                                      {"Q", Grain::kQuarter},
                                      {"W", Grain::kWeek}}) {
    if (Take(&rest, prefix)) {
      letter = prefix;
      parts.grain = grain;
      break;
    }
  }
  const bool two_digits = parts.grain == Grain::kMonth || parts.grain == Grain::kWeek;
  const std::optional<int> first = TakeNumber(&rest, two_digits ? 2 : 1);
  if (!first) return std::nullopt;
  parts.first = parts.last = *first;
  if (rest.empty()) return parts;
  if (parts.grain != Grain::kMonth && parts.grain != Grain::kQuarter) return std::nullopt;
  if (!Take(&rest, "..") || !Take(&rest, letter)) return std::nullopt;
  const std::optional<int> last = TakeNumber(&rest, two_digits ? 2 : 1);
  if (!last || !rest.empty()) return std::nullopt;
  parts.last = *last;
  return parts;
}

absl::CivilDay StartOfPart(Grain grain, int64_t year, int part) {
  switch (grain) {
    case Grain::kHalfYear:
      return absl::CivilDay(year, part * 6 - 5, 1);
    case Grain::kQuarter:
      return absl::CivilDay(year, part * 3 - 2, 1);
    case Grain::kMonth:
      return absl::CivilDay(year, part, 1);
    case Grain::kWeek:
      return MondayOfIsoWeek(year, part);
    default:
      return absl::CivilDay(year + part - 1, 1, 1);
  }
}

}  // namespace

std::string Calendar::Name(const Period& period) const {
  if (period.grain == Grain::kAll) return "";
  if (period.grain == Grain::kHour) {
    const int64_t second = period.start_us / 1'000'000;
    const int64_t offset = SpanAt(second).offset_s;
    const absl::CivilSecond clock = absl::CivilSecond(1970, 1, 1) + (second + offset);
    return absl::StrFormat("%04d-%02d-%02dT%02d%s", clock.year(), clock.month(), clock.day(),
                           clock.hour(), OffsetName(static_cast<int>(offset)));
  }
  const absl::CivilDay day = kEpochDay + DayOf(period.start_us);
  switch (period.grain) {
    case Grain::kDay:
      return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
    case Grain::kWeek: {
      const int64_t year = (day + 3).year();
      return absl::StrFormat("%04d-W%02d", year, (day - MondayOfIsoWeek(year, 1)) / 7 + 1);
    }
    case Grain::kMonth:
      return absl::StrFormat("%04d-%02d", day.year(), day.month());
    case Grain::kQuarter:
      return absl::StrFormat("%04d-Q%d", day.year(), (day.month() - 1) / 3 + 1);
    case Grain::kHalfYear:
      return absl::StrFormat("%04d-H%d", day.year(), (day.month() - 1) / 6 + 1);
    default:
      return absl::StrFormat("%04d", day.year());
  }
}

absl::StatusOr<Period> Calendar::ParseHour(std::string_view name) const {
  std::string_view rest = name;
  // -1: not there. Every separator must be there once the part before it is.
  const auto part = [&rest](std::string_view separator, size_t digits) {
    return Take(&rest, separator) ? TakeNumber(&rest, digits).value_or(-1) : -1;
  };
  const int year = part("", 4);
  const int month = part("-", 2);
  const int day = part("-", 2);
  if (year < 0 || month < 0 || day < 0) return Malformed(name);
  const absl::CivilDay date(year, month, day);
  if (year < 1 || date.month() != month || date.day() != day) {
    return NoSuchPeriod(name, "no such day in the calendar");
  }
  if (rest.empty()) {
    const Period period = ContainingDay(Grain::kDay, date);
    if (period.start_us < period.end_us) return period;
    return NoSuchPeriod(name, absl::StrCat("the time zone ", zone_.name(), " left that day out"));
  }
  const int hour = part("T", 2);
  const bool west = !rest.empty() && rest.front() == '-';
  const int offset_hours = part(west ? "-" : "+", 2);
  const int offset_minutes = part(":", 2);
  const int offset_seconds = rest.empty() ? 0 : part(":", 2);
  if (hour < 0 || hour > 23 || offset_hours < 0 || offset_minutes < 0 || offset_seconds < 0 ||
      !rest.empty()) {
    return Malformed(name);
  }
  const int offset = offset_hours * 3600 + offset_minutes * 60 + offset_seconds;
  // Where a zone changes its clock inside an hour only part of the hour has the offset.
  const int64_t start =
      (absl::CivilSecond(year, month, day, hour, 0, 0) - absl::CivilSecond(1970, 1, 1)) -
      (west ? -offset : offset);
  for (const int64_t second : {start, start + 3599}) {
    const Period period = HourAt(second * 1'000'000);
    if (Name(period) == name) return period;
  }
  return NoSuchPeriod(name, absl::StrCat("the clock of ", zone_.name(),
                                         " does not show that hour with that offset"));
}

absl::StatusOr<Period> Calendar::Parse(std::string_view name) const {
  std::string_view rest = name;
  const auto year = TakeNumber(&rest, 4);
  if (!year) return Malformed(name);
  const std::optional<Parts> parts = ParseParts(rest);
  if (!parts) return ParseHour(name);
  if (*year < 1) return NoSuchPeriod(name, "years run from 0001 to 9999");
  const int most = PartsPerYear(parts->grain, *year);
  if (parts->first < 1 || parts->last > most) {
    return NoSuchPeriod(name,
                        absl::StrCat("want a ", GrainName(parts->grain), " from 1 to ", most));
  }
  if (rest.find("..") != std::string_view::npos) {
    if (parts->last <= parts->first) {
      return NoSuchPeriod(name, "what follows `..` must be later than what precedes it");
    }
    return FromDays(Grain::kAll, StartOfPart(parts->grain, *year, parts->first),
                    StartOfPart(parts->grain, *year, parts->last + 1));
  }
  return ContainingDay(parts->grain, StartOfPart(parts->grain, *year, parts->first));
}

}  // namespace tidemark::analytics
