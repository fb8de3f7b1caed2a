#include "services/analytics/statistics/forecast/ets_fit.h"

#include <cmath>

#include "common/testing/status_matchers.h"
#include "services/analytics/statistics/forecast/ets_likelihood.h"
#include "services/analytics/statistics/forecast/ets_reference_test.h"

namespace tidemark::analytics {
namespace {

double LogLikelihood(const EtsRun& run, size_t count) {
  const auto n = static_cast<double>(count);
  return -0.5 * (run.objective + n * (std::log(2 * M_PI / n) + 1));
}

TEST(EtsLikelihoodTest, IsThatOfTheReference) {
  const Reference reference = ReadReference();
  int compared = 0;
  for (const ReferenceLine& line : reference.lines) {
    if (line.what != "likelihood") continue;
    const std::vector<double>& values = reference.series.at(line.series).values;
    const EtsRun run = RunEts(line.form, line.smoothing, line.initial, values);
    ASSERT_TRUE(run.valid) << line.series << " " << EtsName(line.form);
    EXPECT_NEAR(LogLikelihood(run, values.size()), line.numbers[0],
                1e-8 * std::abs(line.numbers[0]))
        << line.series << " " << EtsName(line.form);
    ++compared;
  }
  EXPECT_EQ(compared, 27);
}

TEST(EtsFitTest, ReachesAtLeastTheLikelihoodThatStatsmodelsFinds) {
  const Reference reference = ReadReference();
  int compared = 0;
  for (const ReferenceLine& line : reference.lines) {
    if (line.what != "fit") continue;
    const std::vector<double>& values = reference.series.at(line.series).values;
    ASSERT_OK_AND_ASSIGN(const EtsFit fit, FitEts(line.form, values, nullptr));
    EXPECT_GT(fit.log_likelihood, line.numbers[0] - 1e-3)
        << line.series << " " << EtsName(line.form);
    EXPECT_GE(fit.smoothing.alpha, 1e-4);
    EXPECT_LE(fit.smoothing.beta, fit.smoothing.alpha);
    EXPECT_LE(fit.smoothing.gamma, 1 - fit.smoothing.alpha);
    ++compared;
  }
  EXPECT_EQ(compared, 24);
}

// The slope by differences of the objective itself.
TEST(EtsLikelihoodTest, TheGradientIsThatOfTheObjective) {
  const Reference reference = ReadReference();
  for (const ReferenceLine& line : reference.lines) {
    if (line.what != "likelihood") continue;
    const std::vector<double>& values = reference.series.at(line.series).values;
    const EtsRun run = RunEts(line.form, line.smoothing, line.initial, values);
    const EtsSlope slope =
        SlopeOfEts(line.form, line.smoothing, line.initial, values, run.square_sum);
    for (size_t i = 0; i < line.initial.size(); ++i) {
      const double step = std::max(1e-5, std::abs(line.initial[i]) * 1e-5);
      std::vector<double> up = line.initial, down = line.initial;
      up[i] += step;
      down[i] -= step;
      const double difference = (RunEts(line.form, line.smoothing, up, values).objective -
                                 RunEts(line.form, line.smoothing, down, values).objective) /
                                (2 * step);
      EXPECT_NEAR(2 * slope.gradient[i], difference, 1e-4 * std::max(1.0, std::abs(difference)))
          << line.series << " " << EtsName(line.form) << " " << i;
    }
  }
}

TEST(EtsFitTest, TheSameInEveryUnit) {
  std::vector<double> values, cents;
  for (int i = 0; i < 30; ++i) {
    values.push_back(100 + 3 * i + 7 * ((i * 5) % 11));
    cents.push_back(values.back() * 1024);
  }
  const EtsForm form{EtsError::kMultiplicative, EtsTrend::kAdditive, EtsSeason::kNone};
  ASSERT_OK_AND_ASSIGN(const EtsFit fit, FitEts(form, values, nullptr));
  ASSERT_OK_AND_ASSIGN(const EtsFit scaled, FitEts(form, cents, nullptr));
  EXPECT_EQ(fit.smoothing.alpha, scaled.smoothing.alpha);
  EXPECT_EQ(fit.state.level * 1024, scaled.state.level);
  EXPECT_EQ(fit.variance, scaled.variance);
  EXPECT_NEAR(fit.log_likelihood, scaled.log_likelihood + 30 * std::log(1024), 1e-9);
}

TEST(EtsFitTest, ChoosesByAiccAmongWhatTheValuesAllow) {
  const Reference reference = ReadReference();
  const ReferenceSeries& uk = reference.series.at("uk");
  ASSERT_OK_AND_ASSIGN(const std::vector<EtsFit> fits, FitAll(12, uk.values, nullptr));
  ASSERT_EQ(fits.size(), 15u);
  EXPECT_EQ(EtsName(fits.front().form), "ETS(M,A,M)");
  for (size_t i = 1; i < fits.size(); ++i) EXPECT_LE(fits[i - 1].aicc, fits[i].aicc);
  // By the definition.
  const EtsFit& best = fits.front();
  const double k = 2 + 2 + 11 + 1 + 1, n = 96;
  EXPECT_NEAR(best.aicc, -2 * best.log_likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1), 1e-9);

  // Less than two seasons, or values that are not above 0.
  ASSERT_OK_AND_ASSIGN(const auto young, FitAll(12, std::span(uk.values).first(23), nullptr));
  EXPECT_EQ(young.size(), 6u);
  const std::vector<double>& negative = reference.series.at("signed").values;
  ASSERT_OK_AND_ASSIGN(const auto additive, FitAll(4, negative, nullptr));
  ASSERT_EQ(additive.size(), 6u);
  for (const EtsFit& fit : additive) EXPECT_EQ(fit.form.error, EtsError::kAdditive);
}

TEST(EtsFitTest, TakesWhatDoesNotMove) {
  for (const double value : {0.0, 5.0, -3.0}) {
    ASSERT_OK_AND_ASSIGN(const auto fits, FitAll(1, std::vector<double>(8, value), nullptr));
    ASSERT_FALSE(fits.empty());
    EXPECT_NEAR(fits.front().state.level, value, 1e-9);
  }
}

TEST(EtsFitTest, StopsWhenTold) {
  const Reference reference = ReadReference();
  EXPECT_THAT(
      FitAll(12, reference.series.at("uk").values, [] { return absl::CancelledError("gone"); })
          .status(),
      tidemark::testing::StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace tidemark::analytics
