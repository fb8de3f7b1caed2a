#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_POINT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_POINT_H_

namespace tidemark::analytics {

// What is expected of a period, and where it lies in 80 and 95 of 100 cases.
struct ForecastPoint {
  double point = 0;
  double lower_80 = 0;
  double upper_80 = 0;
  double lower_95 = 0;
  double upper_95 = 0;
};

// Of a normal distribution.
inline ForecastPoint NormalPoint(double mean, double deviation) {
  constexpr double k80 = 1.2815515655446004;
  constexpr double k95 = 1.959963984540054;
  return {mean, mean - k80 * deviation, mean + k80 * deviation, mean - k95 * deviation,
          mean + k95 * deviation};
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_FORECAST_POINT_H_
