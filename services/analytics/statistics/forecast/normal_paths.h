#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_NORMAL_PATHS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_NORMAL_PATHS_H_

#include <cstddef>
#include <span>
#include <vector>

namespace tidemark::analytics {

// NormalPaths: standard normal numbers for simulations, the same on every machine and in every
// call: mt19937_64 (whose output the C++ standard fixes) from a fixed seed, its upper 53 bits,
// Marsaglia's polar method, correctly rounded logarithms.
class NormalPaths {
 public:
  static constexpr size_t kCount = 5000;

  explicit NormalPaths(size_t horizon);

  size_t horizon() const { return horizon_; }
  // One number per step; path < kCount. That of a smaller horizon is not its beginning.
  std::span<const double> Path(size_t path) const {
    return std::span(numbers_).subspan(path * horizon_, horizon_);
  }

 private:
  const size_t horizon_;
  std::vector<double> numbers_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FORECAST_NORMAL_PATHS_H_
