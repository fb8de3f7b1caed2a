#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_LOG_SUM_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_LOG_SUM_H_

#include <cmath>
#include <cstdint>

#include "common/base/exact_math.h"

namespace tidemark::analytics {

// Σ ln x of numbers above 0, as the logarithm of their product, which costs one logarithm.
class LogSum {
 public:
  void Add(double x) {
    int exponent = 0;
    mantissa_ = std::frexp(mantissa_ * x, &exponent);
    exponent_ += exponent;
  }
  double Total() const {
    return base::Log(mantissa_) + static_cast<double>(exponent_) * base::Log(2);
  }

 private:
  double mantissa_ = 1;
  int64_t exponent_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_LOG_SUM_H_
