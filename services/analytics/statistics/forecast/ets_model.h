#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_MODEL_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

// Exponential smoothing as innovations state-space models: Hyndman, Koehler, Ord and Snyder,
// "Forecasting with Exponential Smoothing" (2008), chapter 2; names and parameters are theirs.
namespace tidemark::analytics {

enum class EtsError : uint8_t { kAdditive, kMultiplicative };
enum class EtsTrend : uint8_t { kNone, kAdditive, kDamped };
enum class EtsSeason : uint8_t { kNone, kAdditive, kMultiplicative };

struct EtsForm {
  EtsError error = EtsError::kAdditive;
  EtsTrend trend = EtsTrend::kNone;
  EtsSeason season = EtsSeason::kNone;
  // Periods of a season; 1 without one.
  int period = 1;

  bool HasTrend() const { return trend != EtsTrend::kNone; }
  bool HasSeason() const { return season != EtsSeason::kNone; }
  friend bool operator==(const EtsForm&, const EtsForm&) = default;
};

struct EtsSmoothing {
  double alpha = 0;
  // At most alpha; 0 without trend.
  double beta = 0;
  // At most 1 - alpha; 0 without season.
  double gamma = 0;
  // 1: not damped.
  double phi = 1;
};

struct EtsState {
  double level = 0;
  double trend = 0;
  // The effect of each period of a season; empty without one. Add up to 0, or, multiplicative, to
  // their number, before the first period.
  std::vector<double> seasons;
};

// `ETS(M,Ad,N)`.
std::string EtsName(const EtsForm& form);

// All forms for a season of so many periods (1: none). Multiplicative ones only where `positive`;
// those of additive errors with a multiplicative season are left out, whose variance has no bound.
std::vector<EtsForm> EtsForms(int period, bool positive);

// Smoothing parameters; values of the state before the first period that are free.
int SmoothingCount(const EtsForm& form);
int InitialCount(const EtsForm& form);
// What an information criterion counts: both, and the variance.
inline int ParameterCount(const EtsForm& form) {
  return SmoothingCount(form) + InitialCount(form) + 1;
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_ETS_MODEL_H_
