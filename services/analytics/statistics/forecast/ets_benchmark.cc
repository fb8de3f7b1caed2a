#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/statistics/forecast/rolling_origin.h"

namespace tidemark::analytics {
namespace {

// A series that grows, with a season and what looks like noise.
std::vector<double> Series(size_t count, int season) {
  std::vector<double> values;
  for (size_t t = 0; t < count; ++t) {
    const double noise = static_cast<double>((t * 7919 + 13) % 101) / 101 - 0.5;
    const double phase = 2 * M_PI * static_cast<double>(t) / season;
    values.push_back(1e6 * std::exp(0.012 * static_cast<double>(t)) *
                     (1 + 0.2 * std::sin(phase) + 0.1 * noise));
  }
  return values;
}

// All forms on one history: 12 months a season, or 4 quarters, or 52 weeks.
void BM_FitAll(benchmark::State& state) {
  const auto season = static_cast<int>(state.range(1));
  const std::vector<double> values = Series(static_cast<size_t>(state.range(0)), season);
  for (auto _ : state) benchmark::DoNotOptimize(FitAll(season, values, nullptr));
}
BENCHMARK(BM_FitAll)->Args({156, 12})->Args({52, 4})->Args({260, 52})->Unit(
    benchmark::kMillisecond);

// What most of a forecast takes.
void BM_BackTest(benchmark::State& state) {
  const std::vector<double> values = Series(156, 12);
  const NormalPaths paths(12);
  for (auto _ : state) benchmark::DoNotOptimize(RunBackTest(12, values, 8, paths, nullptr));
}
BENCHMARK(BM_BackTest)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::analytics
