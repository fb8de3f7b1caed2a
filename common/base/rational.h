#ifndef TIDEMARK_COMMON_BASE_RATIONAL_H_
#define TIDEMARK_COMMON_BASE_RATIONAL_H_

#include <cstdint>
#include <memory>
#include <string_view>

namespace tidemark::base {

// Rational: an exact quotient of two integers of any size. Rounded once, when it leaves as a
// double.
class Rational {
 public:
  Rational();                // 0
  Rational(__int128 value);  // NOLINT(google-explicit-constructor): integers are rationals
  Rational(const Rational& other);
  Rational(Rational&& other) noexcept;
  Rational& operator=(const Rational& other);
  Rational& operator=(Rational&& other) noexcept;
  ~Rational();

  Rational& operator+=(const Rational& other);
  Rational& operator-=(const Rational& other);
  Rational& operator*=(const Rational& other);
  // `other` must not be 0.
  Rational& operator/=(const Rational& other);
  friend Rational operator+(Rational a, const Rational& b) { return a += b; }
  friend Rational operator-(Rational a, const Rational& b) { return a -= b; }
  friend Rational operator*(Rational a, const Rational& b) { return a *= b; }
  friend Rational operator/(Rational a, const Rational& b) { return a /= b; }

  // Below, at or above 0: -1, 0 or 1.
  int Sign() const;
  // -1, 0 or 1 for less, equal and more.
  int Compare(const Rational& other) const;
  friend bool operator==(const Rational& a, const Rational& b) { return a.Compare(b) == 0; }
  friend bool operator<(const Rational& a, const Rational& b) { return a.Compare(b) < 0; }

  // The nearest double; subnormal results are rounded once more.
  double ToDouble() const;
  // What a finite double is exactly.
  static Rational FromDouble(double value);
  // Of decimal text that is known to be one: digits, at most one point, perhaps a minus before
  // them.
  static Rational FromDecimal(std::string_view text);
  // 10^exponent, which may be negative.
  static Rational PowerOfTen(int exponent);
  // The double nearest to the n-th root; not below 0, n >= 1.
  double Root(uint32_t n) const;
  // The largest integer that is not above it.
  Rational Floor() const;

 private:
  friend class RationalLogs;
  friend double PowerLessOne(const Rational& x, int64_t numerator, int64_t denominator);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// x^(numerator ÷ denominator) − 1: growth per period. Kept with 320 bits and rounded once as far as
// anybody can tell. `x` above 0, `denominator` not 0.
double PowerLessOne(const Rational& x, int64_t numerator, int64_t denominator);

// RationalLogs: Σ weight · ln(x) of rationals, rounded once as far as anybody can tell: kept with
// 320 bits until it leaves as a double.
class RationalLogs {
 public:
  RationalLogs();
  ~RationalLogs();
  RationalLogs(const RationalLogs&) = delete;
  RationalLogs& operator=(const RationalLogs&) = delete;

  // `x` above 0.
  void Add(const Rational& weight, const Rational& x);
  double ToDouble() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_RATIONAL_H_
