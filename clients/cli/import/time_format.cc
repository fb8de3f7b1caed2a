#include "clients/cli/import/time_format.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "clients/cli/import/decimal.h"
#include "clients/cli/import/text_parts.h"

namespace tidemark::importer {
namespace {

constexpr std::string_view kCodes = "YymdeHIMSfzbBaApj%";
constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int year, int month) {
  constexpr int kDaysOf[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDaysOf[month - 1];
}

// Takes 1 to `most` digits.
bool TakeNumber(std::string_view& text, size_t most, int* value) {
  size_t count = 0;
  int number = 0;
  while (count < most && count < text.size() && IsDigit(text[count])) {
    number = number * 10 + (text[count++] - '0');
  }
  if (count == 0) return false;
  text.remove_prefix(count);
  *value = number;
  return true;
}

// Takes the longest name that `text` starts with, whole or its first three letters; its place,
// or -1.
template <size_t kCount>
int TakeName(std::string_view& text, const std::array<std::string_view, kCount>& names) {
  for (size_t i = 0; i < kCount; ++i) {
    if (absl::StartsWithIgnoreCase(text, names[i])) {
      text.remove_prefix(names[i].size());
      return static_cast<int>(i);
    }
  }
  for (size_t i = 0; i < kCount; ++i) {
    if (absl::StartsWithIgnoreCase(text, names[i].substr(0, 3))) {
      text.remove_prefix(3);
      return static_cast<int>(i);
    }
  }
  return -1;
}

bool TakeFraction(std::string_view& text, int* micros) {
  int value = 0;
  size_t count = 0;
  for (; count < text.size() && IsDigit(text[count]); ++count) {
    if (count < 6) value = value * 10 + (text[count] - '0');
  }
  if (count == 0) return false;
  for (size_t i = count; i < 6; ++i) value *= 10;
  text.remove_prefix(count);
  *micros = value;
  return true;
}

bool TakeOffset(std::string_view& text, std::optional<int>* offset) {
  if (text.empty()) return false;
  if (text[0] == 'Z' || text[0] == 'z') {
    text.remove_prefix(1);
    *offset = 0;
    return true;
  }
  if (text[0] != '+' && text[0] != '-') return false;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hours = 0, minutes = 0;
  if (!TakeNumber(text, 2, &hours)) return false;
  if (!text.empty() && (text[0] == ':' || IsDigit(text[0]))) {
    TakePrefix(text, ":");
    if (!TakeNumber(text, 2, &minutes)) return false;
  }
  if (hours > 18 || minutes > 59) return false;
  *offset = sign * (hours * 3600 + minutes * 60);
  return true;
}

struct Parts {
  ParsedTime time;
  bool afternoon = false;
  bool has_half_day = false;
  int day_of_year = 0;
};

bool TakeHalfDay(std::string_view& text, Parts& parts) {
  constexpr struct {
    std::string_view name;
    bool afternoon;
  } kNames[] = {{"AM", false}, {"PM", true}, {"上午", false}, {"下午", true}};
  for (const auto& [name, afternoon] : kNames) {
    if (!absl::StartsWithIgnoreCase(text, name)) continue;
    text.remove_prefix(name.size());
    parts.has_half_day = true;
    parts.afternoon = afternoon;
    return true;
  }
  return false;
}

bool TakeCode(char code, std::string_view& text, Parts& parts) {
  ParsedTime& time = parts.time;
  switch (code) {
    case 'Y':
      // All four: else the two digits of %y would be a year of antiquity.
      return text.size() >= 4 && std::all_of(text.begin(), text.begin() + 4, IsDigit) &&
             TakeNumber(text, 4, &time.year);
    case 'y':
      if (!TakeNumber(text, 2, &time.year)) return false;
      time.year += time.year < 69 ? 2000 : 1900;
      return true;
    case 'm':
      return TakeNumber(text, 2, &time.month);
    case 'd':
    case 'e':
      while (code == 'e' && TakePrefix(text, " ")) continue;
      return TakeNumber(text, 2, &time.day);
    case 'H':
    case 'I':
      return TakeNumber(text, 2, &time.hour);
    case 'M':
      return TakeNumber(text, 2, &time.minute);
    case 'S':
      return TakeNumber(text, 2, &time.second);
    case 'f':
      return TakeFraction(text, &time.micros);
    case 'z':
      return TakeOffset(text, &time.offset_seconds);
    case 'b':
    case 'B':
      time.month = TakeName(text, kMonths) + 1;
      return time.month > 0;
    case 'a':
    case 'A':
      return TakeName(text, kDays) >= 0;
    case 'j':
      return TakeNumber(text, 3, &parts.day_of_year) && parts.day_of_year > 0;
    case 'p':
      return TakeHalfDay(text, parts);
    default:
      return false;
  }
}

// Resolves the day of the year and AM/PM, and checks the ranges.
bool Settle(Parts& parts) {
  ParsedTime& time = parts.time;
  if (parts.day_of_year > 0) {
    if (parts.day_of_year > (IsLeap(time.year) ? 366 : 365)) return false;
    time.month = 1;
    time.day = parts.day_of_year;
    while (time.day > DaysInMonth(time.year, time.month)) {
      time.day -= DaysInMonth(time.year, time.month++);
    }
  }
  if (parts.has_half_day) {
    if (time.hour < 1 || time.hour > 12) return false;
    time.hour = time.hour % 12 + (parts.afternoon ? 12 : 0);
  }
  if (time.second == 60) time.second = 59;
  return time.year >= 1 && time.month >= 1 && time.month <= 12 && time.day >= 1 &&
         time.day <= DaysInMonth(time.year, time.month) && time.hour <= 23 && time.minute <= 59 &&
         time.second <= 59;
}

}  // namespace

absl::StatusOr<TimeFormat> TimeFormat::Compile(const std::string& format) {
  TimeFormat compiled;
  if (format == "iso8601") compiled.special_ = Special::kIso;
  if (format == "unix_seconds") compiled.special_ = Special::kUnixSeconds;
  if (format == "unix_millis") compiled.special_ = Special::kUnixMillis;
  if (format == "unix_micros") compiled.special_ = Special::kUnixMicros;
  if (format == "excel") compiled.special_ = Special::kExcel;
  if (compiled.special_ != Special::kNone) return compiled;
  bool has_year = false, has_day = false;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      compiled.steps_.push_back({format[i] == ' ' ? ' ' : 'L', format[i]});
      continue;
    }
    const char code = ++i < format.size() ? format[i] : '\0';
    if (kCodes.find(code) == std::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("`", format, "`: `%", std::string(code == 0 ? 0 : 1, code),
                       "` is not known; known: %Y %y %m %d %e %b %B %a %A %H %I %p %M %S %f %z "
                       "%j %%"));
    }
    has_year |= code == 'Y' || code == 'y';
    has_day |= code == 'd' || code == 'e' || code == 'j';
    compiled.steps_.push_back(code == '%' ? Step{'L', '%'} : Step{code, 0});
  }
  if (!has_year || !has_day) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", format,
                     "`: want a year (%Y) and a day (%d), or one of iso8601, "
                     "unix_seconds, unix_millis, unix_micros, excel"));
  }
  return compiled;
}

std::optional<ParsedTime> TimeFormat::Parse(std::string_view text) const {
  if (special_ == Special::kIso) return ParseIso(text);
  if (special_ == Special::kExcel) return ParseExcel(text);
  if (special_ != Special::kNone) return ParseUnix(text);
  Parts parts;
  for (const Step& step : steps_) {
    if (step.code == 'L') {
      if (text.empty() || text[0] != step.literal) return std::nullopt;
      text.remove_prefix(1);
    } else if (step.code == ' ') {
      while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
    } else if (!TakeCode(step.code, text, parts)) {
      return std::nullopt;
    }
  }
  if (!text.empty() || !Settle(parts)) return std::nullopt;
  return parts.time;
}

std::optional<ParsedTime> TimeFormat::ParseIso(std::string_view text) const {
  Parts parts;
  ParsedTime& time = parts.time;
  const bool dashes = text.size() > 4 && text[4] == '-';
  if (!TakeCode('Y', text, parts) || (dashes && !TakePrefix(text, "-")) ||
      !TakeCode('m', text, parts) || (dashes && !TakePrefix(text, "-")) ||
      !TakeCode('d', text, parts)) {
    return std::nullopt;
  }
  if (!text.empty()) {
    if (text[0] != 'T' && text[0] != 't' && text[0] != ' ') return std::nullopt;
    text.remove_prefix(1);
    const bool colons = text.size() > 2 && text[2] == ':';
    if (!TakeCode('H', text, parts) || (colons && !TakePrefix(text, ":")) ||
        !TakeCode('M', text, parts)) {
      return std::nullopt;
    }
    const bool seconds = !text.empty() && (colons ? text[0] == ':' : IsDigit(text[0]));
    if (seconds) {
      if (colons) text.remove_prefix(1);
      if (!TakeCode('S', text, parts)) return std::nullopt;
      if (!text.empty() && (text[0] == '.' || text[0] == ',')) {
        text.remove_prefix(1);
        if (!TakeFraction(text, &time.micros)) return std::nullopt;
      }
    }
    TakePrefix(text, " ");
    if (!text.empty() && !TakeOffset(text, &time.offset_seconds)) return std::nullopt;
  }
  if (!text.empty() || !Settle(parts)) return std::nullopt;
  return time;
}

std::optional<ParsedTime> TimeFormat::ParseUnix(std::string_view text) const {
  const std::optional<Decimal> number = ParseDecimal(text, NumberFormat{});
  if (!number.has_value()) return std::nullopt;
  const int places = special_ == Special::kUnixSeconds  ? 6
                     : special_ == Special::kUnixMillis ? 3
                                                        : 0;
  Decimal whole = *number;
  // Finer than microseconds is cut off.
  while (whole.scale > places) {
    whole.digits /= 10;
    --whole.scale;
  }
  const Scaled scaled = ToScale(whole, places, Rounding::kExact);
  if (scaled.result != Scaled::Result::kOk) return std::nullopt;
  ParsedTime time;
  time.instant_us = scaled.value;
  return time;
}

std::optional<ParsedTime> TimeFormat::ParseExcel(std::string_view text) const {
  constexpr int64_t kMillisPerDay = 86'400'000;
  // Day 60 is 29 February 1900, which never was; 2,958,465 is the end of 9999.
  constexpr int64_t kFirst = 61 * kMillisPerDay, kEnd = 2'958'466 * kMillisPerDay;
  const std::optional<Decimal> days = ParseDecimal(text, NumberFormat{});
  if (!days.has_value()) return std::nullopt;
  const std::optional<Decimal> millis = Multiply(*days, {.digits = kMillisPerDay, .scale = 0});
  if (!millis.has_value()) return std::nullopt;
  // A time of day is no finite fraction of a day; milliseconds are what the spreadsheet keeps.
  const Scaled scaled = ToScale(*millis, 0, Rounding::kHalfUp);
  if (scaled.result != Scaled::Result::kOk || scaled.value < kFirst || scaled.value >= kEnd) {
    return std::nullopt;
  }
  const absl::CivilDay day = absl::CivilDay(1899, 12, 30) + scaled.value / kMillisPerDay;
  const auto rest = static_cast<int>(scaled.value % kMillisPerDay);
  return ParsedTime{.year = static_cast<int>(day.year()),
                    .month = day.month(),
                    .day = day.day(),
                    .hour = rest / 3'600'000,
                    .minute = rest / 60'000 % 60,
                    .second = rest / 1000 % 60,
                    .micros = rest % 1000 * 1000};
}

}  // namespace tidemark::importer
