#ifndef TIDEMARK_COMMON_REDIS_OPEN_CACHE_H_
#define TIDEMARK_COMMON_REDIS_OPEN_CACHE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/redis/cache.h"

namespace tidemark::redis {

struct CacheOptions {
  // The flag's value: "host:port", "redis://..." (Endpoint::Parse); empty: a NullCache.
  std::string address;
  // As RedisCache::Options::name_space.
  std::string name_space;
  // What the services share and nobody else has; what is in Redis cannot be forged without it.
  // The MAC key is derived from it, one for each name space.
  std::string_view secret;
  size_t max_value_bytes = size_t{1} << 20;
  absl::Duration ttl = absl::Hours(24);
  // Not owned.
  const base::Clock* clock = nullptr;
};

// The cache that a service's --redis names. INVALID_ARGUMENT naming the flag.
absl::StatusOr<std::unique_ptr<Cache>> OpenCache(const CacheOptions& options);

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_OPEN_CACHE_H_
