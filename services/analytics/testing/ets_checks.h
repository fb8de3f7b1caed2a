#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_ETS_CHECKS_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_ETS_CHECKS_H_

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/testing/ets_oracle.h"
#include "services/analytics/testing/statistic_campaign.h"

namespace tidemark::analytics::testing {

inline PlainValue Close(long double value) {
  return PlainValue::Near(static_cast<double>(value), 1e-6);
}

// Models that were estimated from values, against plain recursions with the same parameters, and
// against other parameters.
class EtsChecks {
 public:
  // Nothing is owned. `season`: as far as the values can tell it.
  EtsChecks(const std::vector<double>& values, int season, std::mt19937_64* random,
            CampaignCounters* counters)
      : values_(values), season_(season), random_(*random), counters_(*counters) {}

  static PlainEts PlainOf(const EtsFit& fit) {
    PlainEts model;
    model.error = fit.form.error == EtsError::kAdditive ? 'A' : 'M';
    model.trend = "NAD"[static_cast<int>(fit.form.trend)];
    model.season = "NAM"[static_cast<int>(fit.form.season)];
    model.period = fit.form.period;
    model.alpha = fit.smoothing.alpha, model.beta = fit.smoothing.beta;
    model.gamma = fit.smoothing.gamma;
    model.phi = model.trend == 'D' ? fit.smoothing.phi : 1;
    model.level = fit.initial.level, model.slope = fit.initial.trend;
    model.effects.assign(fit.initial.seasons.begin(), fit.initial.seasons.end());
    return model;
  }

  // Exactly the models that the values allow; those of multiplicative errors may have no
  // likelihood.
  void CheckForms(const std::vector<EtsFit>& fits) {
    const std::vector<double>& values = values_;
    const bool positive =
        std::all_of(values.begin(), values.end(), [](double value) { return value > 0; });
    std::set<std::string> found, allowed, needed;
    long double last = -1e300L;
    for (const EtsFit& fit : fits) {
      EXPECT_TRUE(found.insert(PlainOf(fit).name()).second);
      EXPECT_GE(fit.aicc, last) << "FirstDifference(, the best model is not the first";
      last = fit.aicc;
    }
    for (const char error : {'A', 'M'}) {
      for (const char trend : {'N', 'A', 'D'}) {
        for (const char season : {'N', 'A', 'M'}) {
          const PlainEts model{.error = error,
                               .trend = trend,
                               .season = season,
                               .period = season == 'N' ? 1 : season_};
          if (season != 'N' && season_ == 1) continue;
          if ((error == 'M' && !positive) || (error == 'A' && season == 'M')) continue;
          if (values.size() <= static_cast<size_t>(model.parameters()) + 1) continue;
          allowed.insert(model.name());
          if (error == 'A') needed.insert(model.name());
        }
      }
    }
    EXPECT_TRUE(std::includes(allowed.begin(), allowed.end(), found.begin(), found.end()))
        << "FirstDifference(, a model that the values do not allow";
    EXPECT_TRUE(std::includes(found.begin(), found.end(), needed.begin(), needed.end()))
        << "FirstDifference(, a model is missing";
    for (const std::string& name : found) ++counters_["forecast model " + name];
  }

  PlainRow ModelRow(const EtsFit& fit) {
    const PlainEts model = PlainOf(fit);
    const EtsResult run = RunPlainEts(model, values_);
    EXPECT_TRUE(run.possible);
    const auto n = static_cast<long double>(values_.size());
    long double size = 0;
    for (const double value : values_) size = std::max<long double>(size, std::fabs(value));
    // Errors that are all but 0 are taken for the smallest that are told apart from it.
    const long double relative = model.error == 'M' ? 1 : size * size;
    const bool perfect = run.squares <= n * relative * 1e-18L;
    CheckBounds(fit);
    if (!perfect) ChallengeFit(model, run.log_likelihood);
    if (perfect) ++counters_["forecast perfect fit"];
    const long double variance = run.squares / (n - model.parameters() + 1);
    const PlainValue none = PlainValue::Null(NullReason::kNotInModel);
    return {{"model", PlainValue::Text(model.name())},
            {"parameters", PlainValue::Whole(model.parameters())},
            {"aicc", perfect ? PlainValue::Real(fit.aicc)
                             : Close(AiccOf(model, run.log_likelihood, values_.size()))},
            {"log_likelihood",
             perfect ? PlainValue::Real(fit.log_likelihood) : Close(run.log_likelihood)},
            {"alpha", Close(model.alpha)},
            {"beta", model.trend == 'N' ? none : Close(model.beta)},
            {"gamma", model.season == 'N' ? none : Close(model.gamma)},
            {"phi", model.trend == 'D' ? Close(model.phi) : none},
            {"level", Close(run.end.level)},
            {"trend", Close(run.end.slope)},
            {"deviation",
             perfect ? PlainValue::Real(std::sqrt(fit.variance)) : Close(std::sqrt(variance))}};
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }

  static void CheckBounds(const EtsFit& fit) {
    const EtsSmoothing& s = fit.smoothing;
    EXPECT_TRUE(0.0001 <= s.alpha && s.alpha <= 0.9999 && 0 <= s.beta && s.beta <= s.alpha &&
                0 <= s.gamma && s.gamma <= 1 - s.alpha)
        << "FirstDifference(, parameters beyond their bounds";
    EXPECT_TRUE(fit.form.trend != EtsTrend::kDamped || (0.8 <= s.phi && s.phi <= 0.98))
        << "FirstDifference(, phi beyond its bounds";
  }

  // No other parameters may be more likely: a grid over all of them where the initial state follows
  // by least squares, and others nearby.
  void ChallengeFit(const PlainEts& model, long double best) {
    constexpr long double kSlack = 1e-4L;
    const auto challenge = [&](const PlainEts& other) {
      const EtsResult run = RunPlainEts(other, values_);
      ++counters_["forecast challenges"];
      EXPECT_LE(run.possible ? run.log_likelihood : best - 1, best + kSlack)
          << "FirstDifference(, " << other.name() << " fits better with alpha "
          << static_cast<double>(other.alpha) << " beta " << static_cast<double>(other.beta)
          << " gamma " << static_cast<double>(other.gamma);
    };
    for (int i = 0; i < 12; ++i) {
      PlainEts other = model;
      const auto unit = [&] {
        return 0.0001L + 0.9998L * static_cast<long double>(Below(21)) / 20;
      };
      const bool far = model.error == 'A' && i % 2 == 0;
      if (far) {
        other.alpha = unit();
        if (model.trend != 'N') other.beta = other.alpha * unit();
        if (model.season != 'N') other.gamma = (1 - other.alpha) * unit();
        if (model.trend == 'D') other.phi = 0.8L + 0.18L * static_cast<long double>(Below(7)) / 6;
        if (!SolveInitial(values_, &other)) continue;
      } else {
        const auto nearby = [&](long double value, long double by) {
          return value * (1 + by * (static_cast<long double>(Below(201)) - 100) / 100);
        };
        other.alpha = std::clamp(nearby(model.alpha, 0.05L), 0.0001L, 0.9999L);
        other.beta = std::min(other.alpha * 0.9999L, nearby(model.beta, 0.05L));
        other.gamma = std::min((1 - other.alpha) * 0.9999L, nearby(model.gamma, 0.05L));
        if (model.trend != 'N') other.beta = std::max(other.beta, other.alpha * 0.0001L);
        if (model.season != 'N') other.gamma = std::max(other.gamma, (1 - other.alpha) * 0.0001L);
        if (model.trend == 'D') other.phi = std::clamp(nearby(model.phi, 0.02L), 0.8L, 0.98L);
        other.level = nearby(model.level, 0.01L);
        other.slope = nearby(model.slope, 0.05L);
      }
      challenge(other);
    }
  }

  const std::vector<double>& values_;
  const int season_;
  std::mt19937_64& random_;
  CampaignCounters& counters_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_ETS_CHECKS_H_
