#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_FORECAST_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_FORECAST_H_

#include <vector>

#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/statistics/forecast/forecast_point.h"
#include "services/analytics/statistics/forecast/normal_paths.h"

namespace tidemark::analytics {

// The next paths.horizon() periods of a model. Points continue the model without errors. Intervals
// of models with additive errors follow from their variance (Hyndman et al. 2008, table 6.1); those
// of multiplicative errors are quantiles of simulated paths, nearest rank, where no error is
// below -1.
std::vector<ForecastPoint> ForecastEts(const EtsFit& fit, const NormalPaths& paths);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_FORECAST_H_
