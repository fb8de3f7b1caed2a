#include "common/redis/open_cache.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/redis/redis_cache.h"
#include "common/status/error.h"

namespace tidemark::redis {
namespace {

std::string DeriveKey(std::string_view secret, std::string_view name_space) {
  const std::string input = absl::StrCat("tidemark cache key\n", name_space);
  std::string key(SHA256_DIGEST_LENGTH, '\0');
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(input.data()), input.size(),
       reinterpret_cast<unsigned char*>(key.data()), nullptr);
  return key;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cache>> OpenCache(const CacheOptions& options) {
  if (options.address.empty()) return std::make_unique<NullCache>();
  const bool url = absl::StrContains(options.address, "://");
  auto endpoint =
      Endpoint::Parse(url ? options.address : absl::StrCat("redis://", options.address));
  if (!endpoint.ok()) return status::Prefixed("--redis", endpoint.status());
  RedisCache::Options cache;
  cache.pool.endpoint = *std::move(endpoint);
  cache.name_space = options.name_space;
  cache.mac_key = DeriveKey(options.secret, options.name_space);
  cache.max_value_bytes = options.max_value_bytes;
  cache.ttl = options.ttl;
  cache.clock = options.clock;
  return RedisCache::Create(std::move(cache));
}

}  // namespace tidemark::redis
