#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_LIKELIHOOD_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_LIKELIHOOD_H_

#include <span>
#include <vector>

#include "services/analytics/statistics/forecast/ets_model.h"

namespace tidemark::analytics {

// The state before the first period as the vector of its free values: level, trend if there is one,
// and the effects of all periods of a season but the last, which follows from them.
EtsState MakeState(const EtsForm& form, std::span<const double> initial);

// What the model expects of a period, and in `state` what follows when it errs by so much: by
// `error`, or, multiplicative, by that share.
double StepEts(const EtsForm& form, const EtsSmoothing& smoothing, size_t time, double error,
               EtsState* state);

struct EtsRun {
  // False: a forecast of a multiplicative model is not above 0, so there is no likelihood.
  bool valid = false;
  // Of errors, relative ones where they are multiplicative.
  double square_sum = 0;
  // n ln(square_sum) + 2 Σ ln forecast, the second for multiplicative errors only: -2 ln likelihood
  // but for a constant. For errors all but 0 that of the smallest that are told apart from 0.
  double objective = 0;
  // After the last period.
  EtsState state;
};

// Runs the model over `values`, whose size is to be about 1.
EtsRun RunEts(const EtsForm& form, const EtsSmoothing& smoothing, std::span<const double> initial,
              std::span<const double> values);

// What the objective is near `initial`: half its gradient, and half its expected curvature (Fisher
// information, by rows, lower triangle). Empty where the run is not valid.
struct EtsSlope {
  std::vector<double> gradient;
  std::vector<double> curvature;
};
EtsSlope SlopeOfEts(const EtsForm& form, const EtsSmoothing& smoothing,
                    std::span<const double> initial, std::span<const double> values,
                    double square_sum);

// -2 ln likelihood plus what AICc adds for parameters; needs count > ParameterCount(form) + 1.
double Aicc(const EtsForm& form, double log_likelihood, size_t count);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_LIKELIHOOD_H_
