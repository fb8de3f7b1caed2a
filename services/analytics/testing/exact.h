#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_EXACT_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_EXACT_H_

#include <gmpxx.h>

#include <cmath>
#include <cstdint>
#include <string>

// Exact numbers of recounts: GMP's rationals as they are, apart from those of the product.
namespace tidemark::analytics::testing {

using Exact = mpq_class;

inline Exact ExactOf(int64_t value) { return {mpz_class(static_cast<long>(value))}; }

inline Exact TenTo(int power) {
  mpz_class ten;
  mpz_ui_pow_ui(ten.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(power)));
  return power < 0 ? Exact(1) / Exact(ten) : Exact(ten);
}

// The largest integer that is not above it.
inline mpz_class FloorOf(const Exact& value) {
  mpz_class floor;
  mpz_fdiv_q(floor.get_mpz_t(), value.get_num_mpz_t(), value.get_den_mpz_t());
  return floor;
}

// The nearest double, of two the even one, by long division.
inline double Nearest(const Exact& value) {
  if (sgn(value) == 0) return 0;
  mpz_class top = abs(value.get_num()), bottom = value.get_den();
  const long exponent = static_cast<long>(mpz_sizeinbase(top.get_mpz_t(), 2)) -
                        static_cast<long>(mpz_sizeinbase(bottom.get_mpz_t(), 2)) - 54;
  // At least 54 digits before the point: one more than a double has.
  if (exponent < 0) {
    top <<= static_cast<mp_bitcnt_t>(-exponent);
  } else {
    bottom <<= static_cast<mp_bitcnt_t>(exponent);
  }
  mpz_class digits = top / bottom;
  bool more = digits * bottom != top;
  long dropped = 0;
  while (mpz_sizeinbase(digits.get_mpz_t(), 2) > 54) {
    more = more || mpz_odd_p(digits.get_mpz_t()) != 0;
    digits >>= 1;
    ++dropped;
  }
  const bool half = mpz_odd_p(digits.get_mpz_t()) != 0;
  digits >>= 1;
  if (half && (more || mpz_odd_p(digits.get_mpz_t()) != 0)) ++digits;
  const double size = std::ldexp(digits.get_d(), static_cast<int>(exponent + dropped + 1));
  return sgn(value) < 0 ? -size : size;
}

// x^(numerator ÷ denominator) of a number above 0, to some 60 digits.
Exact Power(const Exact& x, int64_t numerator, int64_t denominator);

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_EXACT_H_
