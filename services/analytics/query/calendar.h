#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_CALENDAR_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_CALENDAR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tidemark::analytics {

// Length of periods. The numbers are those of tidemark.analytics.v1.Grain.
enum class Grain : uint8_t {
  kHour = 1,
  kDay = 2,
  kWeek = 3,
  kMonth = 4,
  kQuarter = 5,
  kHalfYear = 6,
  kYear = 7,
  kAll = 8,
};
inline constexpr int64_t kBeginningOfTime = INT64_MIN;
inline constexpr int64_t kEndOfTime = INT64_MAX;

// A half-open range of time that the calendar knows by name; microseconds since
// 1970-01-01T00:00:00Z. Of one grain, periods are equal when their starts are. Never empty.
struct Period {
  Grain grain = Grain::kAll;
  int64_t start_us = kBeginningOfTime;
  int64_t end_us = kEndOfTime;

  bool Contains(int64_t time_us) const { return start_us <= time_us && time_us < end_us; }
  friend bool operator==(const Period&, const Period&) = default;
};

// Calendar: the periods of one time zone and their names.
//
//   Calendar calendar(zone);
//   Period march = calendar.At(Grain::kMonth, event_time_us);
//   calendar.Name(march)                       // "2024-03"
//   calendar.YearEarlier(march)                // 2023-03
//
// A day begins with the first instant whose clock shows it: at the clock change where that skips
// midnight, at the first midnight where there are two. A day that a zone left out (Apia, 30
// December 2011) does not exist. An hour is what one clock hour lasts under one offset: the hour
// repeated by a clock change is two periods, the skipped one is none, and where a zone shifts by
// half an hour some have 30 minutes.
//
// Immutable, thread-safe, no I/O.
class Calendar {
 public:
  // Walks the zone's history and its rules for some centuries ahead: about 0.2 ms. Keep it.
  explicit Calendar(absl::TimeZone zone);

  // The period that contains the time. For kAll the whole of time.
  Period At(Grain grain, int64_t time_us) const;
  // The one that starts where `period` ends, and the one that ends where it starts; not for kAll.
  Period Next(const Period& period) const { return At(period.grain, period.end_us); }
  Period Previous(const Period& period) const { return At(period.grain, period.start_us - 1); }
  // The same period a year before; none when that year has no such day or hour, or the period is
  // all of time. Week 53 gives week 52, a cumulative period the same months. An hour gives the one
  // with the same date, clock hour and, where there are two, offset.
  std::optional<Period> YearEarlier(const Period& period) const;
  // True for the 53rd week of an ISO year.
  bool IsWeek53(const Period& period) const;

  // All periods that share a time with [start_us, end_us), in order. RESOURCE_EXHAUSTED: more than
  // `limit`.
  absl::StatusOr<std::vector<Period>> Cover(Grain grain, int64_t start_us, int64_t end_us,
                                            size_t limit) const;

  // `2024`, `2024-H1`, `2024-Q1`, `2024-03`, `2024-W09`, `2024-03-05`, `2024-03-05T14+08:00`; empty
  // for kAll. docs/query-language.md has the grammar.
  std::string Name(const Period& period) const;
  // Understands what Name() writes and cumulative names, `2024-01..02` and `2024-Q1..Q3`, whose
  // periods have grain kAll and no Name(). INVALID_ARGUMENT without a field: the message says what
  // is wrong and wanted.
  absl::StatusOr<Period> Parse(std::string_view name) const;

  // Days since 1970-01-01 of the day that the time lies in, and the first instant of such a day.
  int64_t DayOf(int64_t time_us) const;
  int64_t StartOfDay(int64_t day) const;
  // Days that the zone left out by moving across the date line, ascending; usually none.
  const std::vector<int64_t>& MissingDays() const { return missing_days_; }

 private:
  // A stretch of time under one offset; seconds. Its local clock runs from `from_s + offset_s` up
  // to `end_s + offset_s`.
  struct Span {
    int64_t from_s;
    int64_t end_s;
    int64_t offset_s;
  };
  const Span& SpanAt(int64_t second) const;
  // The first span whose local clock ends after `local_second`.
  size_t SpanReaching(int64_t local_second) const;
  int64_t StartOf(absl::CivilDay day) const;
  Period HourAt(int64_t time_us) const;
  Period FromDays(Grain grain, absl::CivilDay first, absl::CivilDay end) const;
  Period ContainingDay(Grain grain, absl::CivilDay day) const;
  std::optional<Period> HourYearEarlier(const Period& period) const;
  std::optional<Period> CumulativeYearEarlier(const Period& period) const;
  absl::StatusOr<Period> ParseHour(std::string_view name) const;

  absl::TimeZone zone_;
  // Ascending and without gaps. The last one has no end: rules are not followed for ever.
  std::vector<Span> spans_;
  std::vector<int64_t> missing_days_;
};

// The Monday of week `week` of an ISO 8601 year, and the year's number of weeks, 52 or 53.
absl::CivilDay MondayOfIsoWeek(int64_t iso_year, int week);
int WeeksOfIsoYear(int64_t iso_year);

// `day` of ALL; for messages: `hour`, `day`, `week`, `month`, `quarter`, `half_year`, `year`,
// `all`.
std::string_view GrainName(Grain grain);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_CALENDAR_H_
