#include "common/base/exact_math.h"

#include <mpfr.h>

#include <limits>

namespace tidemark::base {
namespace {

static_assert(std::numeric_limits<double>::is_iec559);

// MPFR calls the exponent of 1 one, so these are those of the smallest subnormal and the largest
// double.
constexpr mpfr_exp_t kMinExponent = -1073, kMaxExponent = 1024;

// The exponents of doubles for this thread while it is in scope; others may use MPFR too.
class DoubleExponents {
 public:
  DoubleExponents() : min_(mpfr_get_emin()), max_(mpfr_get_emax()) {
    mpfr_set_emin(kMinExponent);
    mpfr_set_emax(kMaxExponent);
  }
  ~DoubleExponents() {
    mpfr_set_emin(min_);
    mpfr_set_emax(max_);
  }
  DoubleExponents(const DoubleExponents&) = delete;
  DoubleExponents& operator=(const DoubleExponents&) = delete;

 private:
  const mpfr_exp_t min_, max_;
};

class Real {
 public:
  explicit Real(double value = 0) {
    mpfr_init2(value_, std::numeric_limits<double>::digits);
    mpfr_set_d(value_, value, MPFR_RNDN);
  }
  ~Real() { mpfr_clear(value_); }
  Real(const Real&) = delete;
  Real& operator=(const Real&) = delete;
  mpfr_ptr get() { return value_; }

 private:
  mpfr_t value_;
};

// compute(result) rounds to nearest and returns MPFR's ternary value, without which a subnormal
// would be rounded twice.
template <typename Compute>
double Rounded(Compute compute) {
  const DoubleExponents exponents;
  Real result;
  const int ternary = compute(result.get());
  mpfr_subnormalize(result.get(), ternary, MPFR_RNDN);
  return mpfr_get_d(result.get(), MPFR_RNDN);
}

}  // namespace

double ExactLog(double x) {
  Real argument(x);
  return Rounded([&](mpfr_ptr result) { return mpfr_log(result, argument.get(), MPFR_RNDN); });
}

double ExactExp(double x) {
  Real argument(x);
  return Rounded([&](mpfr_ptr result) { return mpfr_exp(result, argument.get(), MPFR_RNDN); });
}

double ExactPow(double base, double exponent) {
  Real x(base), y(exponent);
  return Rounded([&](mpfr_ptr result) { return mpfr_pow(result, x.get(), y.get(), MPFR_RNDN); });
}

double ExactRoot(double x, uint32_t n) {
  Real argument(x);
  return Rounded(
      [&](mpfr_ptr result) { return mpfr_rootn_ui(result, argument.get(), n, MPFR_RNDN); });
}

}  // namespace tidemark::base
