#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_QUERY_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_QUERY_H_

#include <random>

#include "services/analytics/testing/world.h"

namespace tidemark::analytics::v1 {
class Query;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics::testing {

// A valid query about `world`; every word, level, filter form and clause comes up.
v1::Query RandomQuery(const World& world, std::mt19937_64* random);

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RANDOM_QUERY_H_
