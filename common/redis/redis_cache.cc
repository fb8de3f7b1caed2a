#include "common/redis/redis_cache.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/redis/sealed_value.h"

namespace tidemark::redis {
namespace {

constexpr size_t kMinMacKeyBytes = 32;
constexpr absl::Duration kPingPause = absl::Seconds(1);
// Magic and MAC in front of a value.
constexpr size_t kSealBytes = 36;

bool IsNameSpace(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisCache>> RedisCache::Create(Options options) {
  if (!IsNameSpace(options.name_space)) {
    return absl::InvalidArgumentError(
        absl::StrCat("name_space: \"", options.name_space, "\", want [a-z0-9._-]+"));
  }
  if (options.mac_key.size() < kMinMacKeyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("mac_key: ", options.mac_key.size(),
                                                   " bytes, want at least ", kMinMacKeyBytes));
  }
  if (options.ttl < absl::Milliseconds(1)) {
    return absl::InvalidArgumentError("ttl: want at least 1 ms, as every value must expire");
  }
  if (options.pool.max_connections == 0) {
    return absl::InvalidArgumentError("max_connections: 0, want at least 1");
  }
  if (options.clock == nullptr) return absl::InvalidArgumentError("clock: none");
  return std::unique_ptr<RedisCache>(new RedisCache(std::move(options)));
}

RedisCache::RedisCache(Options options)
    : options_(std::move(options)),
      pool_(options_.pool),
      breaker_(options_.breaker, options_.clock) {}

std::optional<std::string> RedisCache::Call(const std::vector<std::string_view>& args) {
  if (!breaker_.Allow()) {
    ++skipped_;
    return std::nullopt;
  }
  absl::StatusOr<std::optional<std::string>> answer = std::nullopt;
  {
    auto lease = pool_.Acquire();
    if (lease.ok()) {
      answer = (*lease)->Command(args, options_.pool.command_timeout);
    } else {
      answer = lease.status();
    }
  }
  const bool was_open = breaker_.open();
  // An error that Redis answers (full, read-only, wrong type) comes quickly, and other commands may
  // work: only silence counts against it. So does a pool that is all in use: shed the load.
  breaker_.Record(answer.ok() || absl::IsFailedPrecondition(answer.status()));
  if (answer.ok()) return *std::move(answer);
  ++errors_;
  if (!was_open && breaker_.open()) {
    log::Warn("cache not usable, going on without it",
              {{"name_space", options_.name_space}, {"error", answer.status()}});
  }
  return std::nullopt;
}

std::optional<std::string> RedisCache::Get(std::string_view material) {
  const std::string key = RedisKey(options_.name_space, options_.schema, material);
  // A range bounds what a foreign value can make us read; of a missing key it is empty.
  const std::string last = absl::StrCat(options_.max_value_bytes + kSealBytes);
  const std::optional<std::string> sealed = Call({"GETRANGE", key, "0", last});
  if (sealed && !sealed->empty()) {
    if (std::optional<std::string> value = Unseal(options_.mac_key, key, *sealed)) {
      ++hits_;
      return value;
    }
    ++rejected_mac_;
  }
  ++misses_;
  return std::nullopt;
}

void RedisCache::Put(std::string_view material, std::string_view value) {
  if (value.size() > options_.max_value_bytes) {
    ++too_large_;
    return;
  }
  const std::string key = RedisKey(options_.name_space, options_.schema, material);
  const std::string sealed = Seal(options_.mac_key, key, value);
  const std::string ttl_ms = absl::StrCat(absl::ToInt64Milliseconds(options_.ttl));
  (void)Call({"SET", key, sealed, "PX", ttl_ms});
}

bool RedisCache::Ping() {
  base::MutexLock lock(ping_mutex_);
  const int64_t now = options_.clock->MonotonicNanos();
  if (now < next_ping_nanos_) return answers_;
  next_ping_nanos_ = now + absl::ToInt64Nanoseconds(kPingPause);
  auto lease = pool_.Acquire();
  // All connections in use: others ask, and know.
  answers_ = lease.ok() ? (*lease)->Command({"PING"}, options_.pool.command_timeout).ok()
                        : absl::IsResourceExhausted(lease.status()) && !breaker_.open();
  return answers_;
}

CacheCounters RedisCache::counters() const {
  return {.hits = hits_.load(),
          .misses = misses_.load(),
          .errors = errors_.load(),
          .rejected_mac = rejected_mac_.load(),
          .too_large = too_large_.load(),
          .skipped = skipped_.load(),
          .open = breaker_.open()};
}

}  // namespace tidemark::redis
