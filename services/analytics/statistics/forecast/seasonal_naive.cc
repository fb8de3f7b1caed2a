#include "services/analytics/statistics/forecast/seasonal_naive.h"

#include <cmath>

namespace tidemark::analytics {

std::vector<ForecastPoint> ForecastSeasonalNaive(int season, std::span<const double> values,
                                                 size_t horizon) {
  const auto period = static_cast<size_t>(season);
  double squares = 0;
  for (size_t t = period; t < values.size(); ++t) {
    const double error = values[t] - values[t - period];
    squares += error * error;
  }
  const double variance = squares / static_cast<double>(values.size() - period);
  std::vector<ForecastPoint> forecast;
  for (size_t h = 0; h < horizon; ++h) {
    const auto seasons = static_cast<double>(h / period + 1);
    forecast.push_back(
        NormalPoint(values[values.size() - period + h % period], std::sqrt(variance * seasons)));
  }
  return forecast;
}

double NaiveScale(int season, std::span<const double> values) {
  const auto period = static_cast<size_t>(season);
  double sum = 0;
  for (size_t t = period; t < values.size(); ++t) sum += std::abs(values[t] - values[t - period]);
  return sum / static_cast<double>(values.size() - period);
}

}  // namespace tidemark::analytics
