#include "common/base/exact_math.h"

#include <mpfr.h>

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

}  // namespace

double Log(double x) {
  Real value(x);
  mpfr_log(value.get(), value.get(), MPFR_RNDN);
  return value.ToDouble();
}

double Exp(double x) {
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
