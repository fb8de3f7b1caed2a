#include "services/catalog/observations/same_number.h"

#include <algorithm>
#include <array>

#include "absl/numeric/int128.h"

namespace tidemark::catalog {
namespace {

// A number of 256 bits: products of three numbers of 18 digits and a divisor have 60 digits.
class Wide {
 public:
  explicit Wide(uint64_t value) : parts_{value, 0, 0, 0} {}

  Wide Times(uint64_t factor) const {
    Wide product(0);
    uint64_t carry = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const absl::uint128 part = absl::uint128(parts_[i]) * factor + carry;
      product.parts_[i] = absl::Uint128Low64(part);
      carry = absl::Uint128High64(part);
    }
    return product;
  }
  Wide Plus(const Wide& other) const {
    Wide sum(0);
    uint64_t carry = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const absl::uint128 part = absl::uint128(parts_[i]) + other.parts_[i] + carry;
      sum.parts_[i] = absl::Uint128Low64(part);
      carry = absl::Uint128High64(part);
    }
    return sum;
  }
  // `other` is not greater.
  Wide Minus(const Wide& other) const {
    Wide difference(0);
    uint64_t borrow = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const absl::uint128 part = absl::uint128(parts_[i]) - other.parts_[i] - borrow;
      difference.parts_[i] = absl::Uint128Low64(part);
      borrow = absl::Uint128High64(part) == 0 ? 0 : 1;
    }
    return difference;
  }
  bool AtMost(const Wide& other) const {
    return !std::lexicographical_compare(other.parts_.rbegin(), other.parts_.rend(),
                                         parts_.rbegin(), parts_.rend());
  }

 private:
  // The lowest first.
  std::array<uint64_t, 4> parts_;
};

uint64_t Magnitude(const Decimal& decimal) {
  return static_cast<uint64_t>(decimal.unscaled < 0 ? -decimal.unscaled : decimal.unscaled);
}

uint64_t PowerOfTen(int exponent) {
  uint64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

bool SameNumber(const Fraction& before, const Fraction& after, const Decimal& tolerance) {
  // Both with the denominator 10^(scale before + scale after) x divisor before x divisor after.
  const Wide a =
      Wide(Magnitude(before.decimal)).Times(PowerOfTen(after.decimal.scale)).Times(after.divisor);
  const Wide b =
      Wide(Magnitude(after.decimal)).Times(PowerOfTen(before.decimal.scale)).Times(before.divisor);
  const bool same_side = (before.decimal.unscaled < 0) == (after.decimal.unscaled < 0);
  const Wide difference = !same_side ? a.Plus(b) : a.AtMost(b) ? b.Minus(a) : a.Minus(b);
  return difference.Times(PowerOfTen(tolerance.scale)).AtMost(a.Times(Magnitude(tolerance)));
}

}  // namespace tidemark::catalog
