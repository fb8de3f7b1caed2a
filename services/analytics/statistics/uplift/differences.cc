#include "services/analytics/statistics/uplift/differences.h"

#include <cmath>

#include "services/analytics/statistics/log_sum.h"

namespace tidemark::analytics {
namespace {

double MeanOf(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double MeanLogOfDays(const DailyGross& gross, size_t region, std::span<const size_t> days) {
  LogSum logs;
  for (const size_t day : days) logs.Add(static_cast<double>(gross.At(region, day)));
  return logs.Total() / static_cast<double>(days.size());
}

}  // namespace

size_t CountZeroDays(const DailyGross& gross, size_t region, const Windows& windows) {
  size_t zeros = 0;
  for (const auto* days : {&windows.before, &windows.activity}) {
    for (const size_t day : *days) zeros += gross.At(region, day) > 0 ? 0 : 1;
  }
  return zeros;
}

double ChangeOf(const DailyGross& gross, size_t region, const Windows& windows) {
  return MeanLogOfDays(gross, region, windows.activity) -
         MeanLogOfDays(gross, region, windows.before);
}

double DifferenceOf(std::span<const double> treated, std::span<const double> controls) {
  return MeanOf(treated) - MeanOf(controls);
}

std::vector<double> PlaceboDifferences(size_t treated_count, std::span<const double> controls) {
  if (controls.size() <= treated_count) return {};
  double all = 0, group = 0;
  for (const double change : controls) all += change;
  for (size_t i = 0; i < treated_count; ++i) group += controls[i];
  const auto inside = static_cast<double>(treated_count);
  const auto outside = static_cast<double>(controls.size() - treated_count);
  std::vector<double> placebos;
  for (size_t first = 0; first < controls.size(); ++first) {
    placebos.push_back(group / inside - (all - group) / outside);
    group += controls[(first + treated_count) % controls.size()] - controls[first];
  }
  return placebos;
}

double PlaceboP(double difference, std::span<const double> placebos) {
  size_t as_large = 1;
  for (const double placebo : placebos) as_large += std::abs(placebo) >= std::abs(difference);
  return static_cast<double>(as_large) / static_cast<double>(placebos.size() + 1);
}

Line FitLine(std::span<const double> positions, std::span<const double> values) {
  const double x_mean = MeanOf(positions), y_mean = MeanOf(values);
  double xx = 0, xy = 0;
  for (size_t i = 0; i < positions.size(); ++i) {
    xx += (positions[i] - x_mean) * (positions[i] - x_mean);
    xy += (positions[i] - x_mean) * (values[i] - y_mean);
  }
  Line line{.slope = xy / xx};
  double squares = 0;
  for (size_t i = 0; i < positions.size(); ++i) {
    const double off = values[i] - y_mean - line.slope * (positions[i] - x_mean);
    squares += off * off;
  }
  line.deviation = std::sqrt(squares / static_cast<double>(positions.size() - 2) / xx);
  return line;
}

double MeanLogOf(const DailyGross& gross, std::span<const size_t> regions, size_t day) {
  LogSum logs;
  for (const size_t region : regions) logs.Add(static_cast<double>(gross.At(region, day)));
  return logs.Total() / static_cast<double>(regions.size());
}

}  // namespace tidemark::analytics
