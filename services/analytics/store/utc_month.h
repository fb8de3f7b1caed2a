#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_UTC_MONTH_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_UTC_MONTH_H_

#include <cstdint>

#include "services/analytics/domain/floor_div.h"

namespace tidemark::analytics {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;

// Seconds since 1970, rounded down, of a time in microseconds; MicroOf is the rest.
constexpr int64_t SecondOf(int64_t time_us) { return FloorDiv(time_us, kMicrosPerSecond); }
constexpr int64_t MicroOf(int64_t time_us) {
  return time_us - SecondOf(time_us) * kMicrosPerSecond;
}

// Months since January 1970 in UTC, proleptic Gregorian.
// (Days to civil date after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".)
constexpr int32_t UtcMonthOfSecond(int64_t second) {
  const int64_t z = FloorDiv(second, kSecondsPerDay) + 719'468;
  const int64_t era = FloorDiv(z, 146'097);
  const int64_t day_of_era = z - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;              // 0 = March
  const int64_t month = shifted < 10 ? shifted + 2 : shifted - 10;  // 0 = January
  const int64_t year = year_of_era + era * 400 + (month <= 1 ? 1 : 0);
  return static_cast<int32_t>((year - 1970) * 12 + month);
}
constexpr int32_t UtcMonthOf(int64_t time_us) { return UtcMonthOfSecond(SecondOf(time_us)); }

// First second of a month.
constexpr int64_t UtcMonthStart(int32_t month) {
  const int64_t year = 1970 + FloorDiv(month, 12);
  const int64_t m = month - FloorDiv(month, 12) * 12;  // 0 = January
  const int64_t y = m <= 1 ? year - 1 : year;
  const int64_t era = FloorDiv(y, 400);
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (m > 1 ? m - 2 : m + 10) + 2) / 5;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return (era * 146'097 + day_of_era - 719'468) * kSecondsPerDay;
}

// The month of one time after the other: free while the month stays the same.
class UtcMonthCursor {
 public:
  int32_t Month(int64_t time_us) {
    const int64_t second = SecondOf(time_us);
    if (second < start_ || second >= end_) {
      month_ = UtcMonthOfSecond(second);
      start_ = UtcMonthStart(month_);
      end_ = UtcMonthStart(month_ + 1);
    }
    return month_;
  }

 private:
  int32_t month_ = 0;
  int64_t start_ = 0, end_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_UTC_MONTH_H_
