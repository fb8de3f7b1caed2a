#include "services/analytics/statistics/forecast/ets_forecast.h"

#include <cmath>

#include "common/testing/status_matchers.h"
#include "services/analytics/statistics/forecast/ets_likelihood.h"
#include "services/analytics/statistics/forecast/ets_reference_test.h"
#include "services/analytics/statistics/forecast/seasonal_naive.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kHorizon = 14;

EtsFit FitOf(const ReferenceLine& line, const std::vector<double>& values) {
  const EtsRun run = RunEts(line.form, line.smoothing, line.initial, values);
  EXPECT_TRUE(run.valid);
  return {.form = line.form,
          .smoothing = line.smoothing,
          .state = run.state,
          .count = values.size(),
          .variance = run.square_sum / static_cast<double>(values.size())};
}

TEST(EtsForecastTest, PointsAndAnalyticIntervalsAreThoseOfTheReference) {
  const Reference reference = ReadReference();
  const NormalPaths paths(kHorizon);
  int compared = 0;
  for (const ReferenceLine& line : reference.lines) {
    if (line.what != "forecast") continue;
    const EtsFit fit = FitOf(line, reference.series.at(line.series).values);
    const std::vector<ForecastPoint> forecast = ForecastEts(fit, paths);
    ASSERT_EQ(line.numbers.size(), 2 * kHorizon);
    for (size_t h = 0; h < kHorizon; ++h) {
      const double mean = line.numbers[2 * h], variance = line.numbers[2 * h + 1];
      EXPECT_NEAR(forecast[h].point, mean, 1e-8 * std::abs(mean))
          << line.series << " " << EtsName(line.form) << " " << h;
      if (line.form.error == EtsError::kMultiplicative) continue;
      EXPECT_NEAR((forecast[h].upper_95 - mean) / 1.959963984540054, std::sqrt(variance),
                  1e-8 * std::sqrt(variance))
          << line.series << " " << EtsName(line.form) << " " << h;
      EXPECT_NEAR((mean - forecast[h].lower_80) / 1.2815515655446004, std::sqrt(variance),
                  1e-8 * std::sqrt(variance));
      ++compared;
    }
  }
  EXPECT_EQ(compared, static_cast<int>((6 + 3 + 6) * kHorizon));
}

// With small relative errors a model without trend and season is nearly the additive one.
TEST(EtsForecastTest, SimulatedIntervalsAreNearTheAnalyticOnes) {
  const NormalPaths paths(6);
  EtsFit fit{.form = {EtsError::kMultiplicative},
             .smoothing = {.alpha = 0.4},
             .state = {.level = 100},
             .count = 20,
             .variance = 1e-4};
  const std::vector<ForecastPoint> simulated = ForecastEts(fit, paths);
  fit.form.error = EtsError::kAdditive;
  fit.variance = 1;
  const std::vector<ForecastPoint> analytic = ForecastEts(fit, paths);
  for (size_t h = 0; h < 6; ++h) {
    EXPECT_EQ(simulated[h].point, 100);
    EXPECT_NEAR(simulated[h].lower_80, analytic[h].lower_80, 0.1);
    EXPECT_NEAR(simulated[h].upper_80, analytic[h].upper_80, 0.1);
    EXPECT_NEAR(simulated[h].lower_95, analytic[h].lower_95, 0.15);
    EXPECT_NEAR(simulated[h].upper_95, analytic[h].upper_95, 0.15);
  }
}

TEST(NormalPathsTest, AreTheSameEverywhere) {
  const NormalPaths paths(3), again(3);
  double sum = 0, squares = 0;
  for (size_t path = 0; path < NormalPaths::kCount; ++path) {
    for (size_t h = 0; h < 3; ++h) {
      const double number = paths.Path(path)[h];
      EXPECT_EQ(number, again.Path(path)[h]);
      sum += number;
      squares += number * number;
    }
  }
  EXPECT_NEAR(sum / 15000, 0, 0.02);
  EXPECT_NEAR(squares / 15000, 1, 0.03);
}

TEST(SeasonalNaiveTest, RepeatsTheLastSeason) {
  const std::vector<double> values = {1, 5, 3, 9, 2, 8};
  const std::vector<ForecastPoint> forecast = ForecastSeasonalNaive(2, values, 5);
  EXPECT_EQ(forecast[0].point, 2);
  EXPECT_EQ(forecast[1].point, 8);
  EXPECT_EQ(forecast[4].point, 2);
  // Errors 2, 4, -1, -1: mean square 5.5; the third season ahead has three times that.
  EXPECT_DOUBLE_EQ(forecast[0].upper_95 - 2, 1.959963984540054 * std::sqrt(5.5));
  EXPECT_DOUBLE_EQ(forecast[4].upper_95 - 2, 1.959963984540054 * std::sqrt(16.5));
  EXPECT_EQ(NaiveScale(2, values), 2);
}

}  // namespace
}  // namespace tidemark::analytics
