#include "common/redis/sealed_value.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/hex.h"

namespace tidemark::redis {
namespace {

std::string MacKey() {
  std::string key;
  for (char c = 0; c < 32; ++c) key.push_back(c);
  return key;
}

// Both made from the header's definition by Python's hashlib and hmac.
constexpr char kKey[] =
    "tm:test:1:40b30b4e8f0d137056ac497e859ea198c1a00db4267d1ade9c458d04024e2981";
constexpr char kMac[] = "8b687b740c9b76a835ea0309c0f0a79c1e758d462633b99a6ab77c79f0d38ba0";

TEST(RedisKeyTest, NamesSpaceSchemaAndHash) {
  EXPECT_EQ(RedisKey("test", 1, "material"), kKey);
  EXPECT_NE(RedisKey("test", 2, "material"), kKey);
  EXPECT_NE(RedisKey("other", 1, "material"), kKey);
}

TEST(SealTest, EqualsTheVector) {
  EXPECT_EQ(base::HexEncode(Seal(MacKey(), kKey, "value")),
            absl::StrCat(base::HexEncode("TMC1"), kMac, base::HexEncode("value")));
}

TEST(SealTest, OpensWhatItSealed) {
  for (const std::string& value : {std::string(), std::string("v"), std::string(100'000, '\0')}) {
    EXPECT_EQ(Unseal(MacKey(), kKey, Seal(MacKey(), kKey, value)), value);
  }
}

TEST(SealTest, EveryFlippedBitAndEveryCutIsRefused) {
  const std::string sealed = Seal(MacKey(), kKey, "value");
  for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    std::string flipped = sealed;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_EQ(Unseal(MacKey(), kKey, flipped), std::nullopt) << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(Unseal(MacKey(), kKey, sealed.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(Unseal(MacKey(), kKey, sealed + "x"), std::nullopt);
}

TEST(SealTest, IsBoundToKeyAndMacKey) {
  const std::string sealed = Seal(MacKey(), kKey, "value");
  EXPECT_EQ(Unseal(MacKey(), RedisKey("test", 1, "other"), sealed), std::nullopt);
  EXPECT_EQ(Unseal(MacKey(), RedisKey("test", 2, "material"), sealed), std::nullopt);
  EXPECT_EQ(Unseal(std::string(32, 'x'), kKey, sealed), std::nullopt);
}

}  // namespace
}  // namespace tidemark::redis
