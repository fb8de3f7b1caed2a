#include "common/base/exact_math.h"

#include <mpfr.h>

#include <cmath>

namespace tidemark::base {
namespace {

constexpr mpfr_prec_t kDouble = 53;
// Of what comes between: the chance that rounding twice gives another double is below 2^-200.
constexpr mpfr_prec_t kBetween = 256;

// A number with a precision in bits.
class Real {
 public:
  explicit Real(mpfr_prec_t bits = kDouble) { mpfr_init2(value_, bits); }
  explicit Real(double value) : Real() { mpfr_set_d(value_, value, MPFR_RNDN); }
  ~Real() { mpfr_clear(value_); }
  Real(const Real&) = delete;
  Real& operator=(const Real&) = delete;

  mpfr_ptr get() { return value_; }
  // Subnormal results are rounded once more.
  double ToDouble() const { return mpfr_get_d(value_, MPFR_RNDN); }

 private:
  mpfr_t value_;
};

// The double nearest to the true value, of which `y` is a close approximation; 0 where that cannot
// be told from `y`. The C library errs by 2^-63 at most; four times that is allowed for.
double NearestIfSure(long double y) {
  const long double error = std::abs(y) * 0x1p-61L;
  const double low = static_cast<double>(y - error), high = static_cast<double>(y + error);
  return low == high && std::isnormal(low) ? low : 0;
}

}  // namespace

double Log(double x) {
  if (const double sure = NearestIfSure(std::log(static_cast<long double>(x))); sure != 0) {
    return sure;
  }
  Real value(x);
  mpfr_log(value.get(), value.get(), MPFR_RNDN);
  return value.ToDouble();
}

double Exp(double x) {
  if (const double sure = NearestIfSure(std::exp(static_cast<long double>(x))); sure != 0) {
    return sure;
  }
  Real value(x);
  mpfr_exp(value.get(), value.get(), MPFR_RNDN);
  return value.ToDouble();
}

double Power(double x, double y) {
  Real base(x), exponent(y);
  mpfr_pow(base.get(), base.get(), exponent.get(), MPFR_RNDN);
  return base.ToDouble();
}

double RootOfQuotient(double a, double b, uint32_t n) {
  Real numerator(a), denominator(b), quotient(kBetween);
  mpfr_div(quotient.get(), numerator.get(), denominator.get(), MPFR_RNDN);
  mpfr_rootn_ui(quotient.get(), quotient.get(), n, MPFR_RNDN);
  return quotient.ToDouble();
}

}  // namespace tidemark::base
