#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// How a measure goes on: tidemark.analytics.v1.Forecast.
struct ForecastQuestion {
  // One measure, no dimensions, a grain with named periods.
  Query query;
  // As one, January and February; of months, and of a measure that adds up.
  bool join_january_february = false;
  // Periods of a season, 1 for none, to kMaxSeason.
  int season = 1;
  // Periods to forecast, from 1 on.
  size_t horizon = 1;
  // Of the back-test.
  size_t origins = 0;
};

struct Forecast {
  Table history;
  Table forecast;
  Table models;
  Table back_test;
  uint64_t effects_scanned = 0;
};

// Errors of ReadHistory, and what the context's stop says.
absl::StatusOr<Forecast> ComputeForecast(const StatisticContext& context,
                                         const ForecastQuestion& question);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_H_
