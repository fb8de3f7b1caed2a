#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_FIT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_FIT_H_

#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/statistics/forecast/ets_model.h"

namespace tidemark::analytics {

// Longer seasons have too many values to estimate.
inline constexpr int kMaxSeason = 24;

// A model estimated from a series.
struct EtsFit {
  EtsForm form;
  EtsSmoothing smoothing;
  EtsState initial;
  // After the last period, and how many there were.
  EtsState state;
  size_t count = 0;
  double log_likelihood = 0;
  double aicc = 0;
  // Of errors, relative ones where they are multiplicative: squares by what is left of the count
  // after smoothing parameters and initial values.
  double variance = 0;
};

// Maximum likelihood within 0.0001 <= alpha <= 0.9999, 0.0001 <= beta/alpha, gamma/(1-alpha) <=
// 0.9999, 0.8 <= phi <= 0.98. NOT_FOUND: the model has no likelihood for these values. Needs more
// than ParameterCount(form) + 1 values. What `stop` says, asked now and then.
absl::StatusOr<EtsFit> FitEts(const EtsForm& form, std::span<const double> values,
                              const std::function<absl::Status()>& stop);

// The season that so many values can tell: none with less than two of them.
inline int TellableSeason(int season, size_t count) {
  return count < 2 * static_cast<size_t>(season) ? 1 : season;
}

// All forms that the values allow, the one of the smallest AICc first; ties in the order of
// EtsForms. The season is TellableSeason of the one given. Never empty for six values or more.
absl::StatusOr<std::vector<EtsFit>> FitAll(int season, std::span<const double> values,
                                           const std::function<absl::Status()>& stop);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_FIT_H_
