#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_ETS_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_ETS_ORACLE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

// Exponential smoothing by the recursions of docs/statistics.md as they stand there, one period
// after the other.
namespace tidemark::analytics::testing {

// ETS(error, trend, season): `A` or `M`; `N`, `A` or `D`; `N`, `A` or `M`.
struct PlainEts {
  char error = 'A', trend = 'N', season = 'N';
  int period = 1;
  long double alpha = 0, beta = 0, gamma = 0, phi = 1;
  // Before the first period.
  long double level = 0, slope = 0;
  std::vector<long double> effects;

  int free_values() const { return 1 + (trend == 'N' ? 0 : 1) + (season == 'N' ? 0 : period - 1); }
  // Smoothing parameters, free initial values and the variance.
  int parameters() const {
    return free_values() + 1 + (trend == 'N' ? 0 : 1) + (trend == 'D' ? 1 : 0) +
           (season == 'N' ? 0 : 1) + 1;
  }
  std::string name() const {
    return std::string("ETS(") + error + "," + (trend == 'D' ? "Ad" : std::string(1, trend)) + "," +
           season + ")";
  }
};

// What a model says of some values.
struct EtsResult {
  bool possible = true;
  long double squares = 0, log_likelihood = 0;
  // After the last value.
  PlainEts end;
};

// What is expected of period `time`; then goes on by the value, or without error where none came.
inline long double StepPlainEts(size_t time, std::optional<long double> value, PlainEts* at) {
  const long double q = at->level + at->phi * at->slope;
  const size_t now = at->season == 'N' ? 0 : time % static_cast<size_t>(at->period);
  const long double s = at->season == 'N' ? 0 : at->effects[now];
  const long double expected = at->season == 'M' ? q * s : q + s;
  const long double e = value ? *value - expected : 0;
  const long double by_season = at->season == 'M' ? e / s : e;
  at->level = q + at->alpha * by_season;
  at->slope = at->phi * at->slope + at->beta * by_season;
  if (at->season == 'A') at->effects[now] = s + at->gamma * e;
  if (at->season == 'M') at->effects[now] = s + at->gamma * e / q;
  return expected;
}

inline EtsResult RunPlainEts(const PlainEts& model, const std::vector<double>& values) {
  EtsResult result{.end = model};
  long double logs = 0;
  for (size_t t = 0; t < values.size(); ++t) {
    const long double q = result.end.level + result.end.phi * result.end.slope;
    const long double expected = StepPlainEts(t, values[t], &result.end);
    long double e = values[t] - expected;
    if (model.error == 'M') {
      if (expected <= 0 || q <= 0) result.possible = false;
      e /= expected;
      logs += std::log(expected);
    }
    result.squares += e * e;
  }
  const auto n = static_cast<long double>(values.size());
  const long double two_pi = 2 * std::acos(-1.0L);
  result.log_likelihood = -n / 2 * (std::log(two_pi * result.squares / n) + 1) - logs;
  result.possible &= std::isfinite(result.squares);
  return result;
}

inline long double AiccOf(const PlainEts& model, long double log_likelihood, size_t count) {
  const long double k = model.parameters(), n = static_cast<long double>(count);
  return -2 * log_likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1);
}

// The free initial values: level, slope, all effects but the last, which follows.
inline void SetInitial(const std::vector<long double>& free, PlainEts* model) {
  size_t at = 0;
  model->level = free[at++];
  model->slope = model->trend == 'N' ? 0 : free[at++];
  model->effects.assign(model->season == 'N' ? 0 : static_cast<size_t>(model->period), 0);
  if (model->season == 'N') return;
  long double left = model->season == 'M' ? model->period : 0;
  for (size_t i = 0; i + 1 < model->effects.size(); ++i) {
    model->effects[i] = free[at++];
    left -= model->effects[i];
  }
  model->effects.back() = left;
}

// The initial values of the least squares of additive errors, which are linear in them: by the
// normal equations.
inline bool SolveInitial(const std::vector<double>& values, PlainEts* model) {
  const auto errors = [&](const std::vector<long double>& free) {
    PlainEts at = *model;
    SetInitial(free, &at);
    std::vector<long double> found;
    for (size_t t = 0; t < values.size(); ++t)
      found.push_back(values[t] - StepPlainEts(t, values[t], &at));
    return found;
  };
  const auto n = static_cast<size_t>(model->free_values());
  const std::vector<long double> at_zero = errors(std::vector<long double>(n, 0));
  std::vector<std::vector<long double>> columns;
  for (size_t i = 0; i < n; ++i) {
    std::vector<long double> unit(n, 0);
    unit[i] = 1;
    columns.push_back(errors(unit));
    for (size_t t = 0; t < values.size(); ++t) columns[i][t] = at_zero[t] - columns[i][t];
  }
  std::vector<std::vector<long double>> rows(n, std::vector<long double>(n + 1, 0));
  for (size_t i = 0; i < n; ++i) {
    for (size_t t = 0; t < values.size(); ++t) {
      for (size_t j = 0; j < n; ++j) rows[i][j] += columns[i][t] * columns[j][t];
      rows[i][n] += columns[i][t] * at_zero[t];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    size_t pivot = i;
    for (size_t r = i; r < n; ++r) {
      if (std::fabs(rows[r][i]) > std::fabs(rows[pivot][i])) pivot = r;
    }
    std::swap(rows[i], rows[pivot]);
    if (std::fabs(rows[i][i]) < 1e-12L) return false;
    for (size_t r = 0; r < n; ++r) {
      if (r == i) continue;
      const long double factor = rows[r][i] / rows[i][i];
      for (size_t j = i; j <= n; ++j) rows[r][j] -= factor * rows[i][j];
    }
  }
  std::vector<long double> free;
  for (size_t i = 0; i < n; ++i) free.push_back(rows[i][n] / rows[i][i]);
  SetInitial(free, model);
  return true;
}

struct PlainPoint {
  long double point = 0, lower_80 = 0, upper_80 = 0, lower_95 = 0, upper_95 = 0;
};

inline PlainPoint NormalAround(long double mean, long double deviation) {
  // Quantiles of the normal distribution.
  constexpr long double k80 = 1.28155156554460046697L, k95 = 1.95996398454005423552L;
  return {mean, mean - k80 * deviation, mean + k80 * deviation, mean - k95 * deviation,
          mean + k95 * deviation};
}

// Standard normal numbers by Marsaglia's polar method from mt19937_64's upper 53 bits.
inline std::vector<double> StandardNormals(size_t count) {
  std::mt19937_64 bits(20240101);
  std::vector<double> numbers;
  while (numbers.size() < count) {
    double xy[2];
    for (double& one : xy) one = static_cast<double>(bits() >> 11) / 4503599627370496.0 - 1;
    const double square = xy[0] * xy[0] + xy[1] * xy[1];
    if (square >= 1 || square == 0) continue;
    const double factor = std::sqrt(-2 * std::log(square) / square);
    numbers.push_back(xy[0] * factor);
    numbers.push_back(xy[1] * factor);
  }
  numbers.resize(count);
  return numbers;
}

// The next periods of a model that `count` values have gone through.
inline std::vector<PlainPoint> ForecastPlainEts(const PlainEts& end, long double variance,
                                                size_t count, size_t horizon) {
  std::vector<PlainPoint> points;
  PlainEts at = end;
  std::vector<long double> means;
  for (size_t h = 0; h < horizon; ++h) means.push_back(StepPlainEts(count + h, std::nullopt, &at));
  if (end.error == 'A') {
    // What an error of one, j periods before, moves.
    long double sum = 1;
    for (size_t h = 1; h <= horizon; ++h) {
      points.push_back(NormalAround(means[h - 1], std::sqrt(variance * sum)));
      long double damped = 0;
      for (size_t j = 1; j <= h; ++j) damped += std::pow(end.phi, static_cast<long double>(j));
      long double moved = end.alpha + end.beta * damped;
      if (end.season != 'N' && h % static_cast<size_t>(end.period) == 0) moved += end.gamma;
      sum += moved * moved;
    }
    return points;
  }
  constexpr size_t kPaths = 5000;
  const std::vector<double> normals = StandardNormals(kPaths * horizon);
  std::vector<std::vector<long double>> came(horizon);
  for (size_t path = 0; path < kPaths; ++path) {
    PlainEts on_path = end;
    for (size_t h = 0; h < horizon; ++h) {
      const long double error = std::max(-1.0L, std::sqrt(variance) * normals[path * horizon + h]);
      PlainEts look = on_path;
      const long double value = StepPlainEts(count + h, std::nullopt, &look) * (1 + error);
      StepPlainEts(count + h, value, &on_path);
      came[h].push_back(value);
    }
  }
  for (size_t h = 0; h < horizon; ++h) {
    std::sort(came[h].begin(), came[h].end());
    // Nearest rank.
    const auto rank = [&](size_t of_ten_thousand) {
      size_t at_least = 1;
      while (at_least * 10'000 < of_ten_thousand * kPaths) ++at_least;
      return came[h][at_least - 1];
    };
    points.push_back({means[h], rank(1'000), rank(9'000), rank(250), rank(9'750)});
  }
  return points;
}

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_ETS_ORACLE_H_
