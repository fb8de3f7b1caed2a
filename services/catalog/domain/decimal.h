#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_DECIMAL_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_DECIMAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"

namespace tidemark::catalog {

// A number as tidemark.type.v1.Decimal holds it: `unscaled` ÷ 10^`scale`, exactly.
struct Decimal {
  // At most 18 digits.
  int64_t unscaled = 0;
  // Digits after the point, 0 to 18.
  int scale = 0;

  // The number times 10^18; exact.
  absl::int128 AtFullScale() const;
};

// Nothing when `text` is not in the one form of a Decimal: digits like 6.552, at most 18 of them
// without leading zeros and 18 after the point, with a minus in front where it is below zero.
std::optional<Decimal> ParseDecimal(std::string_view text);

// `decimal`, which is not below zero, times `count`, exactly: digits, with as many after the point
// as the decimal has.
std::string TextOfProduct(const Decimal& decimal, uint64_t count);

// As numbers: 11.0 and 11 are equal.
bool SameNumber(const Decimal& a, const Decimal& b);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_DECIMAL_H_
