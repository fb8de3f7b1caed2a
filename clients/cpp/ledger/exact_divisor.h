// Private to BodyWriter: integers without the divisor that they have in common.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_EXACT_DIVISOR_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_EXACT_DIVISOR_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <span>

namespace tidemark::ledger {

// Division of multiples of a number without dividing.
class ExactDivisor {
 public:
  // Not 0.
  explicit ExactDivisor(uint64_t divisor)
      : divisor_(divisor), zeros_(std::countr_zero(divisor)), most_(UINT64_MAX / divisor) {
    const uint64_t odd = divisor >> zeros_;
    inverse_ = odd;  // of its three lowest bits; each step doubles them
    for (int i = 0; i < 5; ++i) inverse_ *= 2 - odd * inverse_;
  }
  uint64_t divisor() const { return divisor_; }
  // Of a multiple.
  uint64_t Quotient(uint64_t value) const { return std::rotr(value * inverse_, zeros_); }
  bool Divides(uint64_t value) const { return Quotient(value) <= most_; }

 private:
  uint64_t divisor_;
  int zeros_;
  uint64_t most_;
  uint64_t inverse_;
};

// Divides all by their greatest common divisor and returns it, 0 when all are 0.
inline uint64_t DivideByGreatest(std::span<uint64_t> values) {
  const auto first = std::find_if(values.begin(), values.end(), [](uint64_t v) { return v != 0; });
  if (first == values.end()) return 0;
  ExactDivisor greatest(*first);
  for (auto value = first; value != values.end() && greatest.divisor() != 1; ++value) {
    if (!greatest.Divides(*value)) greatest = ExactDivisor(std::gcd(greatest.divisor(), *value));
  }
  if (greatest.divisor() == 1) return 1;
  for (uint64_t& value : values) value = greatest.Quotient(value);
  return greatest.divisor();
}

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_EXACT_DIVISOR_H_
