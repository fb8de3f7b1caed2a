#include "common/base/rational.h"

#include <gmp.h>
#include <mpfr.h>

#include <cstdint>
#include <string>
#include <utility>

namespace tidemark::base {
namespace {

constexpr mpfr_prec_t kDouble = 53, kBetween = 320;

}  // namespace

struct Rational::Impl {
  Impl() { mpq_init(value); }
  Impl(const Impl& other) : Impl() { mpq_set(value, other.value); }
  Impl& operator=(const Impl&) = delete;
  ~Impl() { mpq_clear(value); }
  mpq_t value;
};

Rational::Rational() : impl_(std::make_unique<Impl>()) {}

Rational::Rational(__int128 value) : Rational() {
  const bool negative = value < 0;
  // Of the smallest value too.
  const auto size =
      negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  const uint64_t halves[2] = {static_cast<uint64_t>(size), static_cast<uint64_t>(size >> 64)};
  mpz_import(mpq_numref(impl_->value), 2, /*order=*/-1, sizeof(uint64_t), /*endian=*/0, 0, halves);
  if (negative) mpq_neg(impl_->value, impl_->value);
}

Rational::Rational(const Rational& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
// What was moved from is 0, not nothing.
Rational::Rational(Rational&& other) noexcept : Rational() { impl_.swap(other.impl_); }
Rational& Rational::operator=(const Rational& other) {
  mpq_set(impl_->value, other.impl_->value);
  return *this;
}
Rational& Rational::operator=(Rational&& other) noexcept {
  impl_.swap(other.impl_);
  return *this;
}
Rational::~Rational() = default;

Rational& Rational::operator+=(const Rational& other) {
  mpq_add(impl_->value, impl_->value, other.impl_->value);
  return *this;
}
Rational& Rational::operator-=(const Rational& other) {
  mpq_sub(impl_->value, impl_->value, other.impl_->value);
  return *this;
}
Rational& Rational::operator*=(const Rational& other) {
  mpq_mul(impl_->value, impl_->value, other.impl_->value);
  return *this;
}
Rational& Rational::operator/=(const Rational& other) {
  mpq_div(impl_->value, impl_->value, other.impl_->value);
  return *this;
}

int Rational::Sign() const { return mpq_sgn(impl_->value); }

int Rational::Compare(const Rational& other) const {
  const int order = mpq_cmp(impl_->value, other.impl_->value);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

double Rational::ToDouble() const {
  mpfr_t rounded;
  mpfr_init2(rounded, kDouble);
  mpfr_set_q(rounded, impl_->value, MPFR_RNDN);
  const double value = mpfr_get_d(rounded, MPFR_RNDN);
  mpfr_clear(rounded);
  return value;
}

Rational Rational::FromDouble(double value) {
  Rational exact;
  mpq_set_d(exact.impl_->value, value);
  return exact;
}

Rational Rational::FromDecimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  std::string digits(text.substr(0, point));
  const std::string_view behind =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  digits.append(behind);
  Rational number;
  // Text that is no number leaves 0.
  if (mpz_set_str(mpq_numref(number.impl_->value), digits.c_str(), 10) != 0) return Rational();
  number *= PowerOfTen(-static_cast<int>(behind.size()));
  if (negative) mpq_neg(number.impl_->value, number.impl_->value);
  return number;
}

Rational Rational::PowerOfTen(int exponent) {
  Rational power(1);
  mpz_ptr const part =
      exponent < 0 ? mpq_denref(power.impl_->value) : mpq_numref(power.impl_->value);
  mpz_ui_pow_ui(part, 10, static_cast<unsigned long>(exponent < 0 ? -exponent : exponent));
  return power;
}

double Rational::Root(uint32_t n) const {
  mpfr_t root;
  mpfr_init2(root, kBetween);
  mpfr_set_q(root, impl_->value, MPFR_RNDN);
  mpfr_rootn_ui(root, root, n, MPFR_RNDN);
  const double value = mpfr_get_d(root, MPFR_RNDN);
  mpfr_clear(root);
  return value;
}

Rational Rational::Floor() const {
  Rational floor;
  mpz_fdiv_q(mpq_numref(floor.impl_->value), mpq_numref(impl_->value), mpq_denref(impl_->value));
  return floor;
}

double PowerLessOne(const Rational& x, int64_t numerator, int64_t denominator) {
  mpfr_t power;
  mpfr_init2(power, kBetween);
  mpfr_set_q(power, x.impl_->value, MPFR_RNDN);
  mpfr_log(power, power, MPFR_RNDN);
  mpfr_mul_si(power, power, numerator, MPFR_RNDN);
  mpfr_div_si(power, power, denominator, MPFR_RNDN);
  // Less one without losing the digits of a small growth.
  mpfr_expm1(power, power, MPFR_RNDN);
  const double value = mpfr_get_d(power, MPFR_RNDN);
  mpfr_clear(power);
  return value == 0 ? 0 : value;
}

struct RationalLogs::Impl {
  Impl() {
    mpfr_init2(sum, kBetween);
    mpfr_set_zero(sum, 1);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { mpfr_clear(sum); }
  mpfr_t sum;
};

RationalLogs::RationalLogs() : impl_(std::make_unique<Impl>()) {}
RationalLogs::~RationalLogs() = default;

void RationalLogs::Add(const Rational& weight, const Rational& x) {
  // ln(1) is exactly 0, and so is what nobody weighs.
  mpfr_t term;
  mpfr_init2(term, kBetween);
  mpfr_set_q(term, x.impl_->value, MPFR_RNDN);
  mpfr_log(term, term, MPFR_RNDN);
  mpfr_mul_q(term, term, weight.impl_->value, MPFR_RNDN);
  mpfr_add(impl_->sum, impl_->sum, term, MPFR_RNDN);
  mpfr_clear(term);
}

double RationalLogs::ToDouble() const {
  const double value = mpfr_get_d(impl_->sum, MPFR_RNDN);
  return value == 0 ? 0 : value;
}

}  // namespace tidemark::base
