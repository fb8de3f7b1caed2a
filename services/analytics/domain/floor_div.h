#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_FLOOR_DIV_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_FLOOR_DIV_H_

#include <cstdint>

namespace tidemark::analytics {

// Rounds towards minus infinity, so that times before 1970 fall into the right second, day or
// month. divisor > 0.
constexpr int64_t FloorDiv(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_FLOOR_DIV_H_
