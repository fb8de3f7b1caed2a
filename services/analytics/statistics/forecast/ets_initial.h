#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_INITIAL_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_INITIAL_H_

#include <span>
#include <vector>

#include "services/analytics/statistics/forecast/ets_likelihood.h"

namespace tidemark::analytics {

// A guess of the initial state from the first periods.
std::vector<double> StartOfEts(const EtsForm& form, std::span<const double> values);

// Makes `initial` the state of the smallest objective for these smoothing parameters, by Fisher
// scoring from what it holds, until a step gains less than `smallest_gain`: one step where
// forecasts are linear in it and errors are additive.
EtsRun BestInitial(const EtsForm& form, const EtsSmoothing& smoothing,
                   std::span<const double> values, double smallest_gain,
                   std::vector<double>* initial);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_INITIAL_H_
