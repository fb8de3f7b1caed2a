#include "services/analytics/statistics/forecast/rolling_origin.h"

#include <algorithm>
#include <cmath>

#include "common/status/status_macros.h"
#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/statistics/forecast/ets_forecast.h"
#include "services/analytics/statistics/forecast/seasonal_naive.h"

namespace tidemark::analytics {
namespace {

void Judge(const std::vector<ForecastPoint>& forecast, std::span<const double> came, double scale,
           std::vector<BackTestScore>* scores) {
  for (size_t h = 0; h < std::min(forecast.size(), came.size()); ++h) {
    const ForecastPoint& point = forecast[h];
    BackTestScore& score = (*scores)[h];
    ++score.forecasts;
    if (scale > 0) {
      score.scaled_error += std::abs(came[h] - point.point) / scale;
      ++score.scaled;
    }
    score.in_80 += point.lower_80 <= came[h] && came[h] <= point.upper_80 ? 1 : 0;
    score.in_95 += point.lower_95 <= came[h] && came[h] <= point.upper_95 ? 1 : 0;
  }
}

}  // namespace

absl::StatusOr<BackTest> RunBackTest(int season, std::span<const double> values, size_t origins,
                                     const NormalPaths& paths,
                                     const std::function<absl::Status()>& stop) {
  BackTest test;
  test.ets.resize(paths.horizon());
  test.naive.resize(paths.horizon());
  const size_t least = std::max(kMinPoints, 2 * static_cast<size_t>(season));
  const size_t first = values.size() > origins ? values.size() - origins : 0;
  for (size_t origin = std::max(first, least); origin < values.size(); ++origin) {
    const std::span<const double> before = values.first(origin), came = values.subspan(origin);
    TM_ASSIGN_OR_RETURN(const std::vector<EtsFit> fits, FitAll(season, before, stop));
    const double scale = NaiveScale(season, before);
    Judge(ForecastEts(fits.front(), paths), came, scale, &test.ets);
    Judge(ForecastSeasonalNaive(season, before, paths.horizon()), came, scale, &test.naive);
  }
  return test;
}

}  // namespace tidemark::analytics
