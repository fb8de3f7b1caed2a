#include "services/analytics/statistics/forecast/normal_paths.h"

#include <cmath>
#include <random>

#include "common/base/exact_math.h"

namespace tidemark::analytics {
namespace {

constexpr uint64_t kSeed = 20240101;

class Normals {
 public:
  double Next() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    while (true) {
      const double x = Uniform(), y = Uniform();
      const double square = x * x + y * y;
      if (square >= 1 || square == 0) continue;
      const double factor = std::sqrt(-2 * base::Log(square) / square);
      spare_ = y * factor;
      has_spare_ = true;
      return x * factor;
    }
  }

 private:
  // In [-1, 1).
  double Uniform() { return std::ldexp(static_cast<double>(engine_() >> 11), -52) - 1; }

  std::mt19937_64 engine_{kSeed};
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace

NormalPaths::NormalPaths(size_t horizon) : horizon_(horizon) {
  Normals normals;
  numbers_.resize(kCount * horizon);
  for (double& number : numbers_) number = normals.Next();
}

}  // namespace tidemark::analytics
