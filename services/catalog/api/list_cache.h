#ifndef TIDEMARK_SERVICES_CATALOG_API_LIST_CACHE_H_
#define TIDEMARK_SERVICES_CATALOG_API_LIST_CACHE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/redis/cache.h"
#include "common/redis/single_flight.h"

namespace tidemark::catalog {

// Pages of lists as bytes: those that are dear to make are kept in Redis, and of the callers that
// want one page at the same time one makes it. Thread-safe.
class ListCache {
 public:
  struct Page {
    std::string bytes;
    // Resources looked at for it.
    size_t scanned = 0;
    // False: it came from Redis or from another caller.
    bool made_here = true;
  };
  using Make = absl::FunctionRef<absl::StatusOr<Page>()>;

  // Pages for which fewer resources are looked at are made faster than they are fetched.
  static constexpr size_t kDearScan = 100;

  // Not owned.
  explicit ListCache(redis::Cache* cache) : cache_(cache) {}

  bool enabled() const { return cache_->enabled(); }

  // `key`: all that the page depends on; the form of the messages is added to it. Calls `make` at
  // most once and returns its errors. Blocks on Redis, or while another makes the page.
  absl::StatusOr<Page> GetOrMake(std::string_view key, Make make);

  // Pages being made now, and callers waiting for one.
  size_t in_flight() const { return flight_.in_flight(); }
  size_t waiting() const { return flight_.waiting(); }

 private:
  absl::StatusOr<Page> Fetch(const std::string& key, Make make);

  redis::Cache* const cache_;
  redis::SingleFlight flight_{size_t{64} << 10};
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_LIST_CACHE_H_
