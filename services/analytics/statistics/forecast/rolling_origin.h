#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ROLLING_ORIGIN_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ROLLING_ORIGIN_H_

#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/statistics/forecast/normal_paths.h"

namespace tidemark::analytics {

// The smallest series that a forecast is made from.
inline constexpr size_t kMinPoints = 6;

// How forecasts so many periods ahead did.
struct BackTestScore {
  int64_t forecasts = 0;
  // Σ |error| ÷ NaiveScale of what the forecast was made from, of `scaled` forecasts: the scale of
  // the others is 0.
  double scaled_error = 0;
  int64_t scaled = 0;
  // Inside the interval.
  int64_t in_80 = 0;
  int64_t in_95 = 0;
};

struct BackTest {
  // By periods ahead - 1.
  std::vector<BackTestScore> ets;
  std::vector<BackTestScore> naive;
};

// Rolling origin: at each of the last `origins` periods but those that leave less than kMinPoints,
// or two seasons, before them, forecasts up to paths.horizon() periods from what was before, the
// model chosen and estimated anew, and compares with what came. Without origins all scores are
// empty. Errors of FitAll.
absl::StatusOr<BackTest> RunBackTest(int season, std::span<const double> values, size_t origins,
                                     const NormalPaths& paths,
                                     const std::function<absl::Status()>& stop);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ROLLING_ORIGIN_H_
