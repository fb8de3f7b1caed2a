#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_SAME_NUMBER_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_SAME_NUMBER_H_

#include <cstdint>

#include "services/catalog/domain/decimal.h"

namespace tidemark::catalog {

// `decimal` ÷ `divisor`, exactly.
struct Fraction {
  Decimal decimal;
  // 1 to 1,000,000.
  uint32_t divisor = 1;
};

// Whether the numbers differ by at most `tolerance`, 0 or more, of the first; exactly.
bool SameNumber(const Fraction& before, const Fraction& after, const Decimal& tolerance);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_SAME_NUMBER_H_
