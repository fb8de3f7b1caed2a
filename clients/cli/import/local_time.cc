#include "clients/cli/import/local_time.h"

#include "absl/time/civil_time.h"

namespace tidemark::importer {

// Howard Hinnant, "chrono-compatible low-level date algorithms".
int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

bool LocalTime::ToMicros(const ParsedTime& time, int64_t* micros) {
  if (time.instant_us.has_value()) {
    *micros = *time.instant_us;
    return true;
  }
  const int64_t day = DaysFromCivil(time.year, time.month, time.day);
  const int64_t wall = day * 86400 + time.hour * 3600 + time.minute * 60 + time.second;
  int64_t seconds = 0;
  if (time.offset_seconds.has_value()) {
    seconds = wall - *time.offset_seconds;
  } else if (day == cached_day_) {
    seconds = wall - cached_offset_;
  } else {
    if (!Resolve(time, &seconds)) return false;
    // Equal offsets at both ends of the day and no change between them.
    const absl::CivilDay civil(time.year, time.month, time.day);
    const absl::TimeZone::TimeInfo first = zone_.At(absl::CivilSecond(civil));
    const absl::TimeZone::TimeInfo last = zone_.At(absl::CivilSecond(civil + 1) - 1);
    absl::TimeZone::CivilTransition change;
    if (first.kind == absl::TimeZone::TimeInfo::UNIQUE &&
        last.kind == absl::TimeZone::TimeInfo::UNIQUE &&
        (!zone_.NextTransition(first.pre, &change) || absl::CivilDay(change.from) > civil)) {
      cached_day_ = day;
      cached_offset_ = day * 86400 - absl::ToUnixSeconds(first.pre);
    }
  }
  *micros = seconds * 1'000'000 + time.micros;
  return true;
}

bool LocalTime::Resolve(const ParsedTime& time, int64_t* seconds) {
  const absl::CivilSecond civil(time.year, time.month, time.day, time.hour, time.minute,
                                time.second);
  const absl::TimeZone::TimeInfo info = zone_.At(civil);
  absl::Time instant = info.pre;
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED && gap_ == Gap::kReject) return false;
  if (info.kind == absl::TimeZone::TimeInfo::REPEATED && overlap_ == Overlap::kLater) {
    instant = info.post;
  }
  *seconds = absl::ToUnixSeconds(instant);
  return true;
}

}  // namespace tidemark::importer
