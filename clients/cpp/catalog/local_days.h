#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_LOCAL_DAYS_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_LOCAL_DAYS_H_

#include <cstdint>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tidemark::catalog_client {

// Civil days of a zone as days since 1970-01-01. A day lasts from its first instant to that of the
// next, so that every time is of exactly one. Remembers the days asked for: cheap for the many
// times of few days. Not thread-safe.
class LocalDays {
 public:
  explicit LocalDays(absl::TimeZone zone) : zone_(zone) {}

  int32_t DayOf(int64_t time_us) {
    if (begin_us_ <= time_us && time_us < end_us_) return day_;
    return Find(time_us);
  }
  // First instant of the day.
  int64_t StartOf(int32_t day);

 private:
  int32_t Find(int64_t time_us);

  const absl::TimeZone zone_;
  absl::flat_hash_map<int32_t, int64_t> starts_;
  // The day found last.
  int32_t day_ = 0;
  int64_t begin_us_ = 0;
  int64_t end_us_ = 0;
};

inline constexpr absl::CivilDay kFirstCivilDay(1970, 1, 1);

// Days since 1970-01-01; none when that is no day of the Gregorian calendar in years 1 to 9999.
std::optional<int32_t> DayNumber(int64_t year, int64_t month, int64_t day);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_LOCAL_DAYS_H_
