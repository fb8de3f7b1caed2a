#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_QUERY_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_QUERY_H_

#include <random>

#include "services/analytics/testing/world.h"

namespace tidemark::analytics::v1 {
class Query;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics::testing {

// A query about `world` that is valid at `log_size` (0: at its end); every word, level, filter form
// and clause comes up.
v1::Query RandomQuery(const World& world, std::mt19937_64* random, uint64_t log_size = 0);

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_QUERY_H_
