#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_TIME_FORMAT_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_TIME_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::importer {

// What a text says about a time: a wall clock reading, or an instant.
struct ParsedTime {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  // 60 of a leap second is taken as 59.
  int second = 0;
  int micros = 0;
  // Offset from UTC written in the text.
  std::optional<int> offset_seconds;
  // For the unix formats: microseconds since 1970-01-01T00:00:00Z; the rest is unset.
  std::optional<int64_t> instant_us;
};

// A compiled time format:
//   %Y year (exactly 4 digits)   %y year (2 digits, 1969-2068)   %m month   %d %e day
//   %b %B English month name, short or long   %a %A English weekday name (ignored)
//   %H hour 0-23   %I hour 1-12 with %p AM, PM, 上午 or 下午   %M minute   %S second
//   %f fraction of a second, any number of digits (microseconds are kept)
//   %z offset "+08:00", "+0800", "+08" or "Z"   %j day of the year   %% a per cent sign
//   blank: any number of blanks, also none. Everything else stands for itself.
// or one of the words `iso8601` (date, optional time, fraction and offset, "T" or blank),
// `unix_seconds`, `unix_millis`, `unix_micros` (seconds may have a fraction), `excel` (a wall clock
// reading as days since 1899-12-30, from 61 on, kept to the millisecond).
// Numbers of two digits may be written with one where what follows is no digit.
class TimeFormat {
 public:
  // INVALID_ARGUMENT: an unknown %-letter, or no day in the format.
  static absl::StatusOr<TimeFormat> Compile(const std::string& format);

  // Nothing when the text does not fit the format, or says an impossible day or time.
  std::optional<ParsedTime> Parse(std::string_view text) const;

 private:
  enum class Special { kNone, kIso, kUnixSeconds, kUnixMillis, kUnixMicros, kExcel };
  struct Step {
    // A %-letter, ' ' for blanks, or 'L' for the literal.
    char code;
    char literal;
  };

  std::optional<ParsedTime> ParseIso(std::string_view text) const;
  std::optional<ParsedTime> ParseUnix(std::string_view text) const;
  std::optional<ParsedTime> ParseExcel(std::string_view text) const;

  Special special_ = Special::kNone;
  std::vector<Step> steps_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_TIME_FORMAT_H_
