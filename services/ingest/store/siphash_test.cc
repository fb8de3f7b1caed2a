#include "services/ingest/store/siphash.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>
#include <random>
#include <string>

namespace tidemark::ingest {
namespace {

std::array<uint8_t, 16> CountingKey() {
  std::array<uint8_t, 16> key;
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i);
  return key;
}

Fingerprint FromOpenSsl(const std::array<uint8_t, 16>& key, std::string_view message) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  size_t size = 16;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                               OSSL_PARAM_construct_end()};
  unsigned char out[16];
  EXPECT_EQ(EVP_MAC_init(context, key.data(), key.size(), params), 1);
  EXPECT_EQ(EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(message.data()),
                           message.size()),
            1);
  EXPECT_EQ(EVP_MAC_final(context, out, &size, sizeof(out)), 1);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
  Fingerprint result;
  std::memcpy(&result.low, out, 8);
  std::memcpy(&result.high, out + 8, 8);
  return result;
}

TEST(SipHashTest, EqualsOpenSslAtEveryLength) {
  const SipHash hash(CountingKey());
  std::mt19937_64 random(1);
  for (size_t size = 0; size < 200; ++size) {
    std::string message(size, '\0');
    for (char& c : message) c = static_cast<char>(random());
    EXPECT_EQ(hash.Hash(message), FromOpenSsl(CountingKey(), message)) << size;
  }
}

TEST(SipHashTest, IdentityIsTheHashOfItsDocumentedBytes) {
  const SipHash hash(CountingKey());
  SipHash::Identities identities(hash);
  for (const std::string source : {"s", "shop-seven", "shop-17", "shop-seven", ""}) {
    for (const std::string id : {"1", "a rather long identifier of an event", ""}) {
      std::string bytes = static_cast<char>(source.size()) + source;
      bytes.resize((bytes.size() + 7) / 8 * 8);
      EXPECT_EQ(identities.Of(source, id), hash.Hash(bytes + id));
    }
  }
}

TEST(SipHashTest, SourceAndIdDoNotRunIntoEachOther) {
  const SipHash hash(CountingKey());
  SipHash::Identities identities(hash);
  EXPECT_NE(identities.Of("ab", "c"), identities.Of("a", "bc"));
  EXPECT_NE(identities.Of("a", std::string(1, '\0')), identities.Of("a", ""));
}

}  // namespace
}  // namespace tidemark::ingest
