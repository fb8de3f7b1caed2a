#include "services/analytics/statistics/forecast/ets_forecast.h"

#include <algorithm>
#include <cmath>

#include "services/analytics/statistics/forecast/ets_likelihood.h"

namespace tidemark::analytics {
namespace {

std::vector<double> Points(const EtsFit& fit, size_t horizon) {
  std::vector<double> points;
  EtsState state = fit.state;
  for (size_t h = 0; h < horizon; ++h)
    points.push_back(StepEts(fit.form, fit.smoothing, fit.count + h, 0, &state));
  return points;
}

// Deviations of models with additive errors: 1 + Σ cⱼ² times the variance, cⱼ what an error of j
// periods before moves.
std::vector<double> Deviations(const EtsFit& fit, size_t horizon) {
  std::vector<double> deviations;
  double sum = 1, damping = 1, damped = 0;
  for (size_t h = 1; h <= horizon; ++h) {
    deviations.push_back(std::sqrt(fit.variance * sum));
    damping *= fit.smoothing.phi;
    damped += damping;
    double moved = fit.smoothing.alpha + fit.smoothing.beta * damped;
    if (fit.form.HasSeason() && h % static_cast<size_t>(fit.form.period) == 0)
      moved += fit.smoothing.gamma;
    sum += moved * moved;
  }
  return deviations;
}

// The smallest value that `share` ten-thousandths of the values do not exceed.
double Quantile(const std::vector<double>& sorted, size_t share) {
  return sorted[(sorted.size() * share + 9999) / 10000 - 1];
}

void SimulateIntervals(const EtsFit& fit, const NormalPaths& paths,
                       std::vector<ForecastPoint>* forecast) {
  const size_t horizon = paths.horizon();
  const double deviation = std::sqrt(fit.variance);
  std::vector<std::vector<double>> values(horizon, std::vector<double>(NormalPaths::kCount));
  for (size_t path = 0; path < NormalPaths::kCount; ++path) {
    EtsState state = fit.state;
    for (size_t h = 0; h < horizon; ++h) {
      const double error = std::max(-1.0, deviation * paths.Path(path)[h]);
      values[h][path] =
          StepEts(fit.form, fit.smoothing, fit.count + h, error, &state) * (1 + error);
    }
  }
  for (size_t h = 0; h < horizon; ++h) {
    std::sort(values[h].begin(), values[h].end());
    ForecastPoint& point = (*forecast)[h];
    point.lower_80 = Quantile(values[h], 1000);
    point.upper_80 = Quantile(values[h], 9000);
    point.lower_95 = Quantile(values[h], 250);
    point.upper_95 = Quantile(values[h], 9750);
  }
}

}  // namespace

std::vector<ForecastPoint> ForecastEts(const EtsFit& fit, const NormalPaths& paths) {
  const std::vector<double> points = Points(fit, paths.horizon());
  const std::vector<double> deviations = Deviations(fit, paths.horizon());
  std::vector<ForecastPoint> forecast;
  for (size_t h = 0; h < points.size(); ++h)
    forecast.push_back(NormalPoint(points[h], deviations[h]));
  if (fit.form.error == EtsError::kMultiplicative) SimulateIntervals(fit, paths, &forecast);
  return forecast;
}

}  // namespace tidemark::analytics
