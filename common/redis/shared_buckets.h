#ifndef TIDEMARK_COMMON_REDIS_SHARED_BUCKETS_H_
#define TIDEMARK_COMMON_REDIS_SHARED_BUCKETS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/base/token_buckets.h"
#include "common/redis/circuit_breaker.h"
#include "common/redis/connection_pool.h"

namespace tidemark::redis {

// Token buckets that several processes take from together, kept in Redis; without Redis, or while
// it is slow or gone, each process goes on with buckets of its own, which begin as the shared ones
// were seen last.
//
// Keys are `tm:<name space>:1:<SHA-256 of the name>` and expire when their bucket is full. One
// script takes from all buckets or from none. Each caller brings its own time: clocks of the
// processes that differ by a second shift a second's tokens. A value that is not ours costs a
// burst at most. Thread-safe; blocks at most for the connect and two command timeouts.
class SharedBuckets {
 public:
  struct Options {
    // The flag's value, as of OpenCache; empty: no Redis.
    std::string address;
    std::string name_space;
    absl::Duration timeout = absl::Milliseconds(25);
    CircuitBreaker::Options breaker;
    // Not owned.
    const base::Clock* clock = nullptr;
  };
  // INVALID_ARGUMENT naming the flag. Succeeds when Redis is down.
  static absl::StatusOr<std::unique_ptr<SharedBuckets>> Create(Options options);

  // As base::TokenBuckets::TryTake, now.
  std::optional<base::TokenBuckets::Refusal> TryTake(
      absl::Span<const base::TokenBuckets::Take> takes);
  // Takes that were decided without Redis although there is one.
  uint64_t decided_alone() const { return decided_alone_.load(); }

 private:
  using Take = base::TokenBuckets::Take;
  using Refusal = base::TokenBuckets::Refusal;

  SharedBuckets(Options options, std::optional<Endpoint> endpoint);
  // An error: Redis cannot say.
  absl::StatusOr<std::optional<Refusal>> Ask(absl::Span<const Take> takes, int64_t now_us);
  absl::StatusOr<std::string> Call(absl::Span<const Take> takes, int64_t now_us);
  // What the script answered.
  absl::StatusOr<std::optional<Refusal>> Understand(std::string_view answer,
                                                    absl::Span<const Take> takes);

  const Options options_;
  base::TokenBuckets own_;
  // None without Redis.
  std::optional<ConnectionPool> pool_;
  CircuitBreaker breaker_;
  std::atomic<uint64_t> decided_alone_{0};
};

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_SHARED_BUCKETS_H_
