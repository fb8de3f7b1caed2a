#ifndef TIDEMARK_COMMON_REDIS_SEALED_VALUE_H_
#define TIDEMARK_COMMON_REDIS_SEALED_VALUE_H_

#include <optional>
#include <string>
#include <string_view>

// Values as Redis holds them: readable by anybody who reads Redis, but not forgeable.
//
//   sealed = "TMC1" || MAC (32 bytes) || value
//   MAC    = HMAC-SHA-256(key, "TMC1" || length of redis key as 8 bytes || redis key
//                              || length of value as 8 bytes || value)
//
// Lengths are big-endian. The Redis key names the namespace and the schema, so a value moved to
// another key, another kind of answer or another schema does not open.
namespace tidemark::redis {

std::string Seal(std::string_view mac_key, std::string_view redis_key, std::string_view value);
// None when `sealed` was not made by Seal with the same keys.
std::optional<std::string> Unseal(std::string_view mac_key, std::string_view redis_key,
                                  std::string_view sealed);

// "tm:NAMESPACE:SCHEMA:" and 64 hexadecimal digits, the SHA-256 of the material.
std::string RedisKey(std::string_view name_space, int schema, std::string_view material);

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_SEALED_VALUE_H_
