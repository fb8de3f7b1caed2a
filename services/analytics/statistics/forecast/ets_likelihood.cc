#include "services/analytics/statistics/forecast/ets_likelihood.h"

#include <algorithm>
#include <cmath>

#include "common/base/exact_math.h"
#include "services/analytics/statistics/log_sum.h"

namespace tidemark::analytics {
namespace {

// Below this an error is rounding.
constexpr double kSmallestSquare = 1e-20;

size_t SeasonAt(const EtsForm& form, size_t time) {
  return form.HasSeason() ? time % static_cast<size_t>(form.period) : 0;
}

struct Step {
  // The level of the period before its season.
  double base = 0;
  double season = 0;
  double forecast = 0;
};

Step Look(const EtsForm& form, const EtsSmoothing& smoothing, const EtsState& state, size_t time) {
  Step step;
  step.base = state.level + smoothing.phi * state.trend;
  step.forecast = step.base;
  if (!form.HasSeason()) return step;
  step.season = state.seasons[SeasonAt(form, time)];
  step.forecast =
      form.season == EtsSeason::kAdditive ? step.base + step.season : step.base * step.season;
  return step;
}

// How far the period's value moves level and trend, and the season, before they are smoothed.
struct Pull {
  double level = 0;
  double season = 0;
};

Pull PullOf(const EtsForm& form, const Step& step, double value) {
  if (form.season != EtsSeason::kMultiplicative) {
    return {.level = value - step.forecast, .season = value - step.forecast};
  }
  return {.level = value / step.season - step.base, .season = value / step.base - step.season};
}

void Advance(const EtsForm& form, const EtsSmoothing& smoothing, const Step& step, const Pull& pull,
             size_t time, EtsState* state) {
  state->level = step.base + smoothing.alpha * pull.level;
  if (form.HasTrend()) state->trend = smoothing.phi * state->trend + smoothing.beta * pull.level;
  if (form.HasSeason())
    state->seasons[SeasonAt(form, time)] = step.season + smoothing.gamma * pull.season;
}

bool IsPossible(const EtsForm& form, const Step& step) {
  if (form.error == EtsError::kAdditive) return std::isfinite(step.forecast);
  return step.forecast > 0 && step.base > 0 && std::isfinite(step.forecast);
}

// Rows of numbers are as long as this says, the last ones unused, so that several fit one
// instruction.
size_t PaddedTo4(size_t count) { return (count + 3) & ~size_t{3}; }

// Derivatives of a state by its initial values.
class Derivatives {
 public:
  Derivatives(const EtsForm& form, size_t count)
      : form_(form),
        row_(PaddedTo4(count)),
        numbers_(row_ * (4 + (form.HasSeason() ? static_cast<size_t>(form.period) : 0))),
        level_(numbers_.data()),
        trend_(level_ + row_),
        base_(trend_ + row_),
        forecast_(base_ + row_) {
    level_[0] = 1;
    if (form.HasTrend()) trend_[1] = 1;
    if (!form.HasSeason()) return;
    const size_t first = form.HasTrend() ? 2 : 1;
    for (size_t i = first; i < count; ++i) {
      Season(i - first)[i] = 1;
      Season(static_cast<size_t>(form.period) - 1)[i] = -1;
    }
  }
  Derivatives(const Derivatives&) = delete;
  Derivatives& operator=(const Derivatives&) = delete;

  // Of the period's forecast.
  const double* Look(const EtsSmoothing& smoothing, const Step& step, size_t time) {
    const double* __restrict level = level_;
    const double* __restrict trend = trend_;
    double* __restrict base = base_;
    double* __restrict forecast = forecast_;
    for (size_t i = 0; i < row_; ++i) base[i] = level[i] + smoothing.phi * trend[i];
    if (!form_.HasSeason()) {
      for (size_t i = 0; i < row_; ++i) forecast[i] = base[i];
      return forecast_;
    }
    const double* __restrict season = Season(SeasonAt(form_, time));
    if (form_.season == EtsSeason::kAdditive) {
      for (size_t i = 0; i < row_; ++i) forecast[i] = base[i] + season[i];
    } else {
      for (size_t i = 0; i < row_; ++i) forecast[i] = base[i] * step.season + step.base * season[i];
    }
    return forecast_;
  }

  // After Look.
  void Advance(const EtsSmoothing& smoothing, const Step& step, double value, size_t time) {
    double* __restrict level = level_;
    double* __restrict trend = trend_;
    const double* __restrict base = base_;
    const double* __restrict forecast = forecast_;
    if (form_.season != EtsSeason::kMultiplicative) {
      for (size_t i = 0; i < row_; ++i) {
        level[i] = base[i] - smoothing.alpha * forecast[i];
        trend[i] = smoothing.phi * trend[i] - smoothing.beta * forecast[i];
      }
      if (!form_.HasSeason()) return;
      double* __restrict season = Season(SeasonAt(form_, time));
      for (size_t i = 0; i < row_; ++i) season[i] -= smoothing.gamma * forecast[i];
      return;
    }
    double* __restrict season = Season(SeasonAt(form_, time));
    const double by_season = value / (step.season * step.season);
    const double by_base = value / (step.base * step.base);
    for (size_t i = 0; i < row_; ++i) {
      const double pull = -by_season * season[i] - base[i];
      level[i] = base[i] + smoothing.alpha * pull;
      trend[i] = smoothing.phi * trend[i] + smoothing.beta * pull;
      season[i] += smoothing.gamma * (-by_base * base[i] - season[i]);
    }
  }

 private:
  double* Season(size_t place) { return forecast_ + row_ * (1 + place); }

  const EtsForm form_;
  const size_t row_;
  // Rows: level, trend, base, forecast, and one for each period of a season.
  std::vector<double> numbers_;
  double* const level_;
  double* const trend_;
  double* const base_;
  double* const forecast_;
};

// Adds weight × by byᵀ to the lower triangle of `square`, whose rows are padded.
void AddSquare(double weight, const double* __restrict by, size_t count, size_t row,
               double* __restrict square) {
  for (size_t i = 0; i < count; ++i) {
    const double weighted = weight * by[i];
    if (weighted == 0) continue;
    double* __restrict line = square + i * row;
    for (size_t j = 0; j < PaddedTo4(i + 1); ++j) line[j] += weighted * by[j];
  }
}

}  // namespace

EtsState MakeState(const EtsForm& form, std::span<const double> initial) {
  EtsState state;
  state.level = initial[0];
  if (form.HasTrend()) state.trend = initial[1];
  if (!form.HasSeason()) return state;
  double last = form.season == EtsSeason::kMultiplicative ? form.period : 0;
  for (const double effect : initial.subspan(form.HasTrend() ? 2 : 1)) {
    state.seasons.push_back(effect);
    last -= effect;
  }
  state.seasons.push_back(last);
  return state;
}

double StepEts(const EtsForm& form, const EtsSmoothing& smoothing, size_t time, double error,
               EtsState* state) {
  const Step step = Look(form, smoothing, *state, time);
  const double off = form.error == EtsError::kMultiplicative ? step.forecast * error : error;
  Pull pull = {.level = off, .season = off};
  if (form.season == EtsSeason::kMultiplicative)
    pull = {.level = step.base * error, .season = step.season * error};
  Advance(form, smoothing, step, pull, time, state);
  return step.forecast;
}

EtsRun RunEts(const EtsForm& form, const EtsSmoothing& smoothing, std::span<const double> initial,
              std::span<const double> values) {
  EtsRun run;
  run.state = MakeState(form, initial);
  LogSum logs;
  for (size_t t = 0; t < values.size(); ++t) {
    const Step step = Look(form, smoothing, run.state, t);
    if (!IsPossible(form, step)) return run;
    double error = values[t] - step.forecast;
    if (form.error == EtsError::kMultiplicative) {
      error /= step.forecast;
      logs.Add(step.forecast);
    }
    run.square_sum += error * error;
    Advance(form, smoothing, step, PullOf(form, step, values[t]), t, &run.state);
  }
  const auto count = static_cast<double>(values.size());
  run.square_sum = std::max(run.square_sum, count * kSmallestSquare);
  run.valid = std::isfinite(run.square_sum);
  if (run.valid) run.objective = count * base::Log(run.square_sum);
  if (form.error == EtsError::kMultiplicative) run.objective += 2 * logs.Total();
  return run;
}

EtsSlope SlopeOfEts(const EtsForm& form, const EtsSmoothing& smoothing,
                    std::span<const double> initial, std::span<const double> values,
                    double square_sum) {
  const size_t count = initial.size();
  const double variance = square_sum / static_cast<double>(values.size());
  const size_t row = PaddedTo4(count);
  EtsSlope slope;
  slope.gradient.resize(count);
  std::vector<double> curvature(count * row);
  EtsState state = MakeState(form, initial);
  Derivatives derivatives(form, count);
  for (size_t t = 0; t < values.size(); ++t) {
    const Step step = Look(form, smoothing, state, t);
    if (!IsPossible(form, step)) return {};
    const double* const by = derivatives.Look(smoothing, step, t);
    double pull = (step.forecast - values[t]) / variance;
    double weight = 1 / variance;
    if (form.error == EtsError::kMultiplicative) {
      const double error = (values[t] - step.forecast) / step.forecast;
      pull = (1 - error * (1 + error) / variance) / step.forecast;
      weight = (1 / variance + 2) / (step.forecast * step.forecast);
    }
    for (size_t i = 0; i < count; ++i) slope.gradient[i] += pull * by[i];
    AddSquare(weight, by, count, row, curvature.data());
    derivatives.Advance(smoothing, step, values[t], t);
    Advance(form, smoothing, step, PullOf(form, step, values[t]), t, &state);
  }
  slope.curvature.resize(count * count);
  for (size_t i = 0; i < count; ++i)
    std::copy_n(&curvature[i * row], i + 1, &slope.curvature[i * count]);
  return slope;
}

double Aicc(const EtsForm& form, double log_likelihood, size_t count) {
  const double k = ParameterCount(form);
  return -2 * log_likelihood + 2 * k + 2 * k * (k + 1) / (static_cast<double>(count) - k - 1);
}

}  // namespace tidemark::analytics
