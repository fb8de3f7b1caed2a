#include "clients/cli/simulate/season.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace tidemark::simulate {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;

constexpr double kByMonth[] = {0.95, 1.05, 0.92, 0.93, 0.98, 1.08,
                               0.95, 0.94, 1.02, 1.05, 1.45, 1.25};
// Monday first.
constexpr double kByWeekday[] = {0.92, 0.90, 0.92, 0.95, 1.08, 1.22, 1.15};
constexpr double kByHour[] = {0.35, 0.20, 0.12, 0.08, 0.08, 0.12, 0.30, 0.55,
                              0.80, 1.05, 1.25, 1.30, 1.25, 1.15, 1.15, 1.20,
                              1.20, 1.15, 1.25, 1.55, 1.75, 1.70, 1.25, 0.70};
constexpr double kGrowthPerHour = 0.08 / (365.25 * 24);

}  // namespace

Season::Season(int64_t from_us, int64_t to_us, absl::TimeZone zone)
    : from_us_(from_us), to_us_(to_us) {
  const auto hours = static_cast<size_t>((to_us - from_us + kHourUs - 1) / kHourUs);
  cumulative_.resize(hours + 1);
  for (size_t hour = 0; hour < hours; ++hour) {
    const int64_t start = from_us + static_cast<int64_t>(hour) * kHourUs;
    const absl::CivilHour civil = absl::ToCivilHour(absl::FromUnixMicros(start), zone);
    const int weekday = static_cast<int>(absl::GetWeekday(civil));
    // The last hour may be cut.
    const double length = static_cast<double>(std::min(kHourUs, to_us - start)) / kHourUs;
    cumulative_[hour + 1] =
        cumulative_[hour] + kByMonth[civil.month() - 1] * kByWeekday[weekday] *
                                kByHour[civil.hour()] * length *
                                (1 + kGrowthPerHour * static_cast<double>(hour));
  }
  for (double& share : cumulative_) share /= cumulative_.back();
  guide_.resize(hours);
  uint32_t hour = 0;
  for (size_t i = 0; i < hours; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(hours);
    while (hour + 1 < hours && cumulative_[hour + 1] <= share) ++hour;
    guide_[i] = hour;
  }
}

int64_t Season::At(double position) const {
  position = std::clamp(position, 0.0, 1.0 - 1e-12);
  uint32_t hour = guide_[static_cast<size_t>(position * static_cast<double>(guide_.size()))];
  while (hour + 2 < cumulative_.size() && cumulative_[hour + 1] <= position) ++hour;
  const double width = cumulative_[hour + 1] - cumulative_[hour];
  const double within = width > 0 ? (position - cumulative_[hour]) / width : 0;
  const int64_t time = from_us_ + static_cast<int64_t>(hour) * kHourUs +
                       static_cast<int64_t>(within * static_cast<double>(kHourUs));
  return std::min(time, to_us_ - 1);
}

}  // namespace tidemark::simulate
