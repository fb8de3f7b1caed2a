#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_SEASONAL_NAIVE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_SEASONAL_NAIVE_H_

#include <span>
#include <vector>

#include "services/analytics/statistics/forecast/forecast_point.h"

namespace tidemark::analytics {

// Every period as the same one of the season before (season 1: as the last). The variance of the
// k-th season ahead is k times the mean square of such errors in `values`, of which there are more
// than `season`.
std::vector<ForecastPoint> ForecastSeasonalNaive(int season, std::span<const double> values,
                                                 size_t horizon);

// Mean absolute error of that in the values: what errors are measured by in MASE (Hyndman and
// Koehler 2006).
double NaiveScale(int season, std::span<const double> values);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_SEASONAL_NAIVE_H_
