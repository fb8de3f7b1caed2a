#include "services/analytics/statistics/forecast/ets_initial.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tidemark::analytics {
namespace {

double MeanOf(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Solves M x = b in place of `b`, M symmetric by rows, lower triangle, and destroyed: Cholesky. A
// direction that M says next to nothing of is left alone.
void SolveSymmetric(std::vector<double>* matrix, std::vector<double>* b) {
  std::vector<double>& m = *matrix;
  const size_t n = b->size();
  for (size_t j = 0; j < n; ++j) {
    const double diagonal = m[j * n + j];
    double rest = diagonal;
    for (size_t k = 0; k < j; ++k) rest -= m[j * n + k] * m[j * n + k];
    const bool known = rest > diagonal * 1e-13 && rest > 0;
    const double root = known ? std::sqrt(rest) : 0;
    m[j * n + j] = root;
    for (size_t i = j + 1; i < n; ++i) {
      double sum = m[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= m[i * n + k] * m[j * n + k];
      m[i * n + j] = known ? sum / root : 0;
    }
  }
  for (size_t i = 0; i < n; ++i) {
    double sum = (*b)[i];
    for (size_t k = 0; k < i; ++k) sum -= m[i * n + k] * (*b)[k];
    (*b)[i] = m[i * n + i] > 0 ? sum / m[i * n + i] : 0;
  }
  for (size_t i = n; i-- > 0;) {
    double sum = (*b)[i];
    for (size_t k = i + 1; k < n; ++k) sum -= m[k * n + i] * (*b)[k];
    (*b)[i] = m[i * n + i] > 0 ? sum / m[i * n + i] : 0;
  }
}

}  // namespace

std::vector<double> StartOfEts(const EtsForm& form, std::span<const double> values) {
  const auto season = static_cast<size_t>(form.period);
  const size_t head = form.HasSeason() ? season : std::min<size_t>(values.size(), 4);
  const double level = MeanOf(values.first(head));
  std::vector<double> initial = {level};
  // Flat: a likelihood always exists for positive values then.
  if (form.HasTrend()) initial.push_back(0);
  if (!form.HasSeason()) return initial;
  for (size_t i = 0; i + 1 < season; ++i) {
    initial.push_back(form.season == EtsSeason::kAdditive ? values[i] - level : values[i] / level);
  }
  return initial;
}

EtsRun BestInitial(const EtsForm& form, const EtsSmoothing& smoothing,
                   std::span<const double> values, double smallest_gain,
                   std::vector<double>* initial) {
  // Then forecasts are linear in the initial state, and one step leads to the smallest squares.
  const bool linear =
      form.error == EtsError::kAdditive && form.season != EtsSeason::kMultiplicative;
  EtsRun run = RunEts(form, smoothing, *initial, values);
  for (int i = 0; run.valid && i < 50; ++i) {
    EtsSlope slope = SlopeOfEts(form, smoothing, *initial, values, run.square_sum);
    if (slope.gradient.empty()) break;
    const std::vector<double> gradient = slope.gradient;
    SolveSymmetric(&slope.curvature, &slope.gradient);
    double gain = 0;
    for (size_t k = 0; k < gradient.size(); ++k) gain += gradient[k] * slope.gradient[k];
    if (!(gain > smallest_gain)) break;
    const double before = run.objective;
    double step = 1;
    for (; step > 1e-6; step /= 2) {
      std::vector<double> next = *initial;
      for (size_t k = 0; k < next.size(); ++k) next[k] -= step * slope.gradient[k];
      EtsRun stepped = RunEts(form, smoothing, next, values);
      if (!stepped.valid || !(stepped.objective < run.objective)) continue;
      run = std::move(stepped);
      *initial = std::move(next);
      break;
    }
    if (before - run.objective < smallest_gain || (linear && step == 1)) break;
  }
  return run;
}

}  // namespace tidemark::analytics
