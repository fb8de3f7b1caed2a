#ifndef TIDEMARK_COMMON_REDIS_REDIS_CACHE_H_
#define TIDEMARK_COMMON_REDIS_REDIS_CACHE_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/redis/cache.h"
#include "common/redis/circuit_breaker.h"
#include "common/redis/connection_pool.h"

namespace tidemark::redis {

// RedisCache: a Cache in Redis that trusts nothing it reads back.
//
//   TM_ASSIGN_OR_RETURN(auto cache, RedisCache::Create({.pool = {.endpoint = endpoint},
//                                                       .name_space = "analytics.query",
//                                                       .schema = 1,
//                                                       .mac_key = key, .clock = &clock}));
//   if (auto hit = cache->Get(material)) return *hit;
//
// Keys are `tm:<name space>:<schema>:<SHA-256 of the material>`, values are sealed
// (sealed_value.h) and always expire. Replicas that share the MAC key share the answers. Does not
// connect before the first call. Thread-safe; blocks at most for the connect and two command
// timeouts (waiting for a connection is one), even when Redis trickles or the resolver hangs: what
// has not arrived whole by then is a miss and a failure for the circuit breaker.
class RedisCache final : public Cache {
 public:
  struct Options {
    ConnectionPool::Options pool;
    CircuitBreaker::Options breaker;
    // [a-z0-9._-]+; what kind of values these are.
    std::string name_space;
    // Raised whenever the encoding of material or value changes.
    int schema = 1;
    // At least 32 bytes, never sent to Redis.
    std::string mac_key;
    size_t max_value_bytes = size_t{1} << 20;
    absl::Duration ttl = absl::Hours(24);
    // Not owned.
    const base::Clock* clock = nullptr;
  };
  // INVALID_ARGUMENT names the option. Succeeds when Redis is down.
  static absl::StatusOr<std::unique_ptr<RedisCache>> Create(Options options);

  std::optional<std::string> Get(std::string_view material) override;
  void Put(std::string_view material, std::string_view value) override;
  bool Ping() override;
  CacheCounters counters() const override;
  bool enabled() const override { return true; }

 private:
  explicit RedisCache(Options options);
  // Through breaker and pool; none for nil and for every failure.
  std::optional<std::string> Call(const std::vector<std::string_view>& args);

  const Options options_;
  ConnectionPool pool_;
  CircuitBreaker breaker_;
  base::Mutex ping_mutex_;
  int64_t next_ping_nanos_ ABSL_GUARDED_BY(ping_mutex_) = std::numeric_limits<int64_t>::min();
  bool answers_ ABSL_GUARDED_BY(ping_mutex_) = false;
  std::atomic<uint64_t> hits_{0};
  std::atomic<uint64_t> misses_{0};
  std::atomic<uint64_t> errors_{0};
  std::atomic<uint64_t> rejected_mac_{0};
  std::atomic<uint64_t> too_large_{0};
  std::atomic<uint64_t> skipped_{0};
};

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_REDIS_CACHE_H_
