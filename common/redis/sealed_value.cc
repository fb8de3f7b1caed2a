#include "common/redis/sealed_value.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/base/hex.h"

namespace tidemark::redis {
namespace {

constexpr std::string_view kMagic = "TMC1";
constexpr size_t kMacBytes = SHA256_DIGEST_LENGTH;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void AppendWithLength(std::string_view text, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(static_cast<uint64_t>(text.size()) >> shift));
  }
  out->append(text);
}

std::string Mac(std::string_view mac_key, std::string_view redis_key, std::string_view value) {
  std::string input;
  input.reserve(kMagic.size() + 16 + redis_key.size() + value.size());
  input.append(kMagic);
  AppendWithLength(redis_key, &input);
  AppendWithLength(value, &input);
  std::string mac(kMacBytes, '\0');
  HMAC(EVP_sha256(), mac_key.data(), static_cast<int>(mac_key.size()), Bytes(input), input.size(),
       reinterpret_cast<unsigned char*>(mac.data()), nullptr);
  return mac;
}

}  // namespace

std::string Seal(std::string_view mac_key, std::string_view redis_key, std::string_view value) {
  std::string sealed(kMagic);
  sealed.append(Mac(mac_key, redis_key, value));
  sealed.append(value);
  return sealed;
}

std::optional<std::string> Unseal(std::string_view mac_key, std::string_view redis_key,
                                  std::string_view sealed) {
  if (sealed.size() < kMagic.size() + kMacBytes || !sealed.starts_with(kMagic)) {
    return std::nullopt;
  }
  const std::string_view mac = sealed.substr(kMagic.size(), kMacBytes);
  const std::string_view value = sealed.substr(kMagic.size() + kMacBytes);
  const std::string want = Mac(mac_key, redis_key, value);
  if (CRYPTO_memcmp(want.data(), mac.data(), kMacBytes) != 0) return std::nullopt;
  return std::string(value);
}

std::string RedisKey(std::string_view name_space, int schema, std::string_view material) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Bytes(material), material.size(), reinterpret_cast<unsigned char*>(hash.data()));
  return absl::StrCat("tm:", name_space, ":", schema, ":", base::HexEncode(hash));
}

}  // namespace tidemark::redis
