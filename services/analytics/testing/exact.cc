#include "services/analytics/testing/exact.h"

#include <mpfr.h>

namespace tidemark::analytics::testing {

Exact Power(const Exact& x, int64_t numerator, int64_t denominator) {
  constexpr mpfr_prec_t kBits = 700;
  mpfr_t log, power;
  mpfr_init2(log, kBits);
  mpfr_init2(power, kBits);
  mpfr_set_q(log, x.get_mpq_t(), MPFR_RNDN);
  mpfr_log(log, log, MPFR_RNDN);
  mpfr_mul_si(log, log, static_cast<long>(numerator), MPFR_RNDN);
  mpfr_div_si(log, log, static_cast<long>(denominator), MPFR_RNDN);
  mpfr_exp(power, log, MPFR_RNDN);
  mpz_class digits;
  const mpfr_exp_t exponent = mpfr_get_z_2exp(digits.get_mpz_t(), power);
  mpfr_clear(log);
  mpfr_clear(power);
  Exact found(digits);
  if (exponent < 0) {
    mpq_div_2exp(found.get_mpq_t(), found.get_mpq_t(), static_cast<mp_bitcnt_t>(-exponent));
  } else {
    mpq_mul_2exp(found.get_mpq_t(), found.get_mpq_t(), static_cast<mp_bitcnt_t>(exponent));
  }
  return found;
}

}  // namespace tidemark::analytics::testing
