#include "clients/cpp/catalog/local_days.h"

namespace tidemark::catalog_client {

int64_t LocalDays::StartOf(int32_t day) {
  const auto [it, is_new] = starts_.try_emplace(day);
  if (is_new) it->second = absl::ToUnixMicros(absl::FromCivil(kFirstCivilDay + day, zone_));
  return it->second;
}

int32_t LocalDays::Find(int64_t time_us) {
  const absl::CivilDay civil = absl::ToCivilDay(absl::FromUnixMicros(time_us), zone_);
  int32_t day = static_cast<int32_t>(civil - kFirstCivilDay);
  // Where clocks are put back over midnight a day's name comes twice: its first instant decides.
  while (time_us < StartOf(day)) --day;
  while (time_us >= StartOf(day + 1)) ++day;
  begin_us_ = StartOf(day);
  end_us_ = StartOf(day + 1);
  return day_ = day;
}

std::optional<int32_t> DayNumber(int64_t year, int64_t month, int64_t day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) {
    return std::nullopt;
  }
  const absl::CivilDay civil(year, month, day);
  if (civil.day() != day) return std::nullopt;
  return static_cast<int32_t>(civil - kFirstCivilDay);
}

}  // namespace tidemark::catalog_client
