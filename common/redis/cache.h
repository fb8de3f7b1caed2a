#ifndef TIDEMARK_COMMON_REDIS_CACHE_H_
#define TIDEMARK_COMMON_REDIS_CACHE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::redis {

// Totals since the start.
struct CacheCounters {
  uint64_t hits = 0;
  // Includes every kind of failure: a caller sees only hit or miss.
  uint64_t misses = 0;
  // Redis did not answer or answered with an error.
  uint64_t errors = 0;
  // Values that were there, but not ours: poisoned, truncated, swapped, or of another key.
  uint64_t rejected_mac = 0;
  // Values above the size limit, not stored.
  uint64_t too_large = 0;
  // Calls passed over because the circuit was open.
  uint64_t skipped = 0;
  // True while Redis is left alone after failures.
  bool open = false;
};

// A place for answers that can be computed again. It may forget anything at any time and fails
// no request: everything that goes wrong is a miss and a counter. Thread-safe. Blocks, at most
// for the timeouts: call it on an executor.
class Cache {
 public:
  virtual ~Cache() = default;
  // `material` is all that the value depends on, unambiguously encoded; of any length.
  virtual std::optional<std::string> Get(std::string_view material) = 0;
  virtual void Put(std::string_view material, std::string_view value) = 0;
  // Whether the other side answers, also while it is left alone; as of a second ago at most.
  // Changes nothing; may block as Get does.
  virtual bool Ping() { return enabled(); }
  virtual CacheCounters counters() const = 0;
  // False when there is nothing to ask, so that a caller can spare the encoding.
  virtual bool enabled() const = 0;
};

// For running without Redis: always misses.
class NullCache final : public Cache {
 public:
  std::optional<std::string> Get(std::string_view) override { return std::nullopt; }
  void Put(std::string_view, std::string_view) override {}
  CacheCounters counters() const override { return {}; }
  bool enabled() const override { return false; }
};

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_CACHE_H_
