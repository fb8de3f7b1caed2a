#include "clients/cli/observations/stated_period.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/period_text.h"

namespace tidemark::observations {
namespace {

using catalog_client::ParsePeriod;

// Of a month's name or its first three letters, or `Sept`; 0: none.
int MonthOf(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "JANUARY", "FEBRUARY", "MARCH",     "APRIL",   "MAY",      "JUNE",
      "JULY",    "AUGUST",   "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"};
  const std::string upper = absl::AsciiStrToUpper(name);
  const auto it = std::find_if(kMonths.begin(), kMonths.end(), [&](std::string_view month) {
    return upper == month || upper == month.substr(0, 3) ||
           (upper == "SEPT" && month == "SEPTEMBER");
  });
  return it == kMonths.end() ? 0 : static_cast<int>(it - kMonths.begin()) + 1;
}

// 1 to 4, of a digit or a Chinese number.
int QuarterOf(const std::string& text) {
  static constexpr std::array<std::string_view, 4> kNumbers = {"一", "二", "三", "四"};
  const auto it = std::find(kNumbers.begin(), kNumbers.end(), text);
  return it == kNumbers.end() ? text[0] - '0' : static_cast<int>(it - kNumbers.begin()) + 1;
}

struct Forms {
  const RE2 year{R"((\d{4})\s*(?:年度?|-?A1))"};
  const RE2 quarter{R"((?i)(\d{4})\s*[-年/ ]?\s*Q([1-4]))"};
  const RE2 quarter_first{R"((?i)Q([1-4])[- /]?(\d{4}))"};
  const RE2 quarter_words{R"((\d{4})年\s*第?([1-4一二三四])季度)"};
  const RE2 three_quarters{R"((\d{4})年\s*前三季度)"};
  const RE2 half{R"((?i)(\d{4})[- ]?[SH]([12]))"};
  const RE2 half_words{R"((\d{4})年\s*(上|下)半年)"};
  const RE2 month{R"((?i)(\d{4})(?:[-/.]|年|-?M)\s*(\d{1,2})月?)"};
  const RE2 months{R"((\d{4})年\s*(\d{1,2})\s*(?:[-—–~～至])+\s*(\d{1,2})月)"};
  const RE2 month_name{R"((?i)(\d{4})[- ]?([A-Z]{3,9}))"};
  const RE2 month_name_first{R"((?i)([A-Z]{3,9})[- ]?(\d{4}))"};
};

}  // namespace

std::optional<type::v1::Period> ParseStatedPeriod(std::string_view text) {
  if (auto period = ParsePeriod(text)) return period;
  static const Forms* const forms = new Forms;
  std::string year;
  std::string part;
  int month = 0;
  int last = 0;
  if (RE2::FullMatch(text, forms->year, &year)) return ParsePeriod(year);
  if (RE2::FullMatch(text, forms->quarter, &year, &part) ||
      RE2::FullMatch(text, forms->quarter_first, &part, &year) ||
      RE2::FullMatch(text, forms->quarter_words, &year, &part)) {
    return ParsePeriod(absl::StrCat(year, "-Q", QuarterOf(part)));
  }
  if (RE2::FullMatch(text, forms->three_quarters, &year)) {
    return ParsePeriod(absl::StrCat(year, "-Q1..Q3"));
  }
  if (RE2::FullMatch(text, forms->half, &year, &part)) {
    return ParsePeriod(absl::StrCat(year, "-H", part));
  }
  if (RE2::FullMatch(text, forms->half_words, &year, &part)) {
    return ParsePeriod(absl::StrCat(year, part == "上" ? "-H1" : "-H2"));
  }
  if (RE2::FullMatch(text, forms->month, &year, &month)) {
    return ParsePeriod(absl::StrFormat("%s-%02d", year, month));
  }
  if (RE2::FullMatch(text, forms->months, &year, &month, &last)) {
    return ParsePeriod(absl::StrFormat("%s-%02d..%02d", year, month, last));
  }
  if (RE2::FullMatch(text, forms->month_name, &year, &part) ||
      RE2::FullMatch(text, forms->month_name_first, &part, &year)) {
    month = MonthOf(part);
    if (month > 0) return ParsePeriod(absl::StrFormat("%s-%02d", year, month));
  }
  return std::nullopt;
}

std::optional<type::v1::Period> PeriodOfDay(std::string_view text, const std::string& form,
                                            type::v1::PeriodGrain grain) {
  absl::Time time;
  if (!absl::ParseTime(form, text, absl::UTCTimeZone(), &time, nullptr)) return std::nullopt;
  const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
  switch (grain) {
    case type::v1::PERIOD_GRAIN_YEAR:
      return ParsePeriod(absl::StrFormat("%04d", day.year()));
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      return ParsePeriod(absl::StrFormat("%04d-H%d", day.year(), day.month() / 7 + 1));
    case type::v1::PERIOD_GRAIN_QUARTER:
      return ParsePeriod(absl::StrFormat("%04d-Q%d", day.year(), (day.month() - 1) / 3 + 1));
    case type::v1::PERIOD_GRAIN_MONTH:
      return ParsePeriod(absl::StrFormat("%04d-%02d", day.year(), day.month()));
    default:
      break;
  }
  const absl::CivilDay first = grain == type::v1::PERIOD_GRAIN_WEEK
                                   ? absl::PrevWeekday(day + 1, absl::Weekday::monday)
                                   : day;
  type::v1::Period period;
  period.set_grain(grain);
  period.mutable_start()->set_year(static_cast<int>(first.year()));
  period.mutable_start()->set_month(first.month());
  period.mutable_start()->set_day(first.day());
  return period;
}

}  // namespace tidemark::observations
