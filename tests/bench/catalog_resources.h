#ifndef TIDEMARK_TESTS_BENCH_CATALOG_RESOURCES_H_
#define TIDEMARK_TESTS_BENCH_CATALOG_RESOURCES_H_

#include <cstdint>
#include <string>

namespace tidemark::catalog::v1 {
class Resource;
}

namespace tidemark::bench {

// The resource with this number of a made-up catalog; always the same. 0 is the observatory. Of 200
// that follow each other 1 is a category, 30 are regions, 40 providers, 20 organisations, 60
// products, 20 projects, 15 activities, 10 venues and 4 digital apps, with names in Chinese and
// English; what one refers to has a smaller number, or stands among its 200.
catalog::v1::Resource ResourceOf(uint32_t number);

// The next number from `number` on that is a product.
uint32_t ProductFrom(uint32_t number);

}  // namespace tidemark::bench

#endif  // TIDEMARK_TESTS_BENCH_CATALOG_RESOURCES_H_
