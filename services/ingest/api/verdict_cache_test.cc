#include "services/ingest/api/verdict_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace tidemark::ingest {
namespace {

std::string KeyOf(const std::string& request) {
  return VerdictCache::KeyOf("log", "principal", "id", request);
}

std::string Random(size_t bytes, std::mt19937_64& random) {
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

// Keys of requests that differ.
class Keys {
 public:
  void Add(const std::string& request) {
    EXPECT_TRUE(keys_.insert(KeyOf(request)).second) << "of " << request.size() << " bytes";
  }

 private:
  std::set<std::string> keys_;
};

TEST(VerdictCacheTest, KeysDifferWhenAnyBitOfTheRequestDoes) {
  std::mt19937_64 random(1);
  // Some steps of the hash, and each length of what is left.
  for (size_t bytes = 0; bytes < 200; ++bytes) {
    for (std::string request : {std::string(bytes, '\0'), Random(bytes, random)}) {
      Keys keys;
      keys.Add(request);
      for (size_t bit = 0; bit < 8 * bytes; ++bit) {
        const auto mask = static_cast<char>(1 << bit % 8);
        request[bit / 8] ^= mask;
        keys.Add(request);
        request[bit / 8] ^= mask;
      }
    }
  }
}

TEST(VerdictCacheTest, KeysDifferWhenAnyByteOfTheRequestDoes) {
  std::mt19937_64 random(2);
  std::string request = Random(150, random);
  Keys keys;
  keys.Add(request);
  for (char& c : request) {
    for (int value = 1; value < 256; ++value) {
      ++c;
      keys.Add(request);
    }
    ++c;
  }
}

TEST(VerdictCacheTest, KeysDifferWithTheLength) {
  std::mt19937_64 random(3);
  for (const char fill : {'\0', 'x'}) {
    Keys keys;
    for (size_t bytes = 0; bytes < 1000; ++bytes) keys.Add(std::string(bytes, fill));
  }
  const std::string request = Random(1000, random);
  Keys keys;
  for (size_t bytes = 0; bytes < 1000; ++bytes) keys.Add(request.substr(0, bytes));
}

TEST(VerdictCacheTest, KeysDifferWhenPartsAreSwapped) {
  std::mt19937_64 random(4);
  for (const size_t part : {1, 8, 16, 64}) {
    std::string request = Random(64 * part, random);
    // As single bytes may be equal.
    if (part == 1) {
      for (size_t i = 0; i < request.size(); ++i) request[i] = static_cast<char>(i);
    }
    Keys keys;
    keys.Add(request);
    const auto at = [&](size_t i) { return request.begin() + static_cast<ptrdiff_t>(i * part); };
    for (size_t i = 0; i < 64; ++i) {
      for (size_t j = i + 1; j < 64; ++j) {
        std::swap_ranges(at(i), at(i + 1), at(j));
        keys.Add(request);
        std::swap_ranges(at(i), at(i + 1), at(j));
      }
    }
  }
}

// Of 128, within six standard deviations.
TEST(VerdictCacheTest, HalfOfTheBitsChangeWithOne) {
  std::mt19937_64 random(5);
  for (const size_t bytes : {16, 64, 100, 1000}) {
    for (int i = 0; i < 1000; ++i) {
      std::string request = Random(bytes, random);
      const std::string before = KeyOf(request);
      request[random() % bytes] ^= static_cast<char>(1 << random() % 8);
      const std::string after = KeyOf(request);
      int changed = 0;
      for (size_t c = before.size() - 16; c < before.size(); ++c) {
        changed += __builtin_popcount(static_cast<unsigned char>(before[c] ^ after[c]));
      }
      EXPECT_GT(changed, 64 - 6 * 6) << bytes;
      EXPECT_LT(changed, 64 + 6 * 6) << bytes;
    }
  }
}

TEST(VerdictCacheTest, KeysDifferWithWhoAsksWhat) {
  const std::set<std::string> keys = {
      VerdictCache::KeyOf("log", "principal", "id", "request"),
      VerdictCache::KeyOf("lo", "gprincipal", "id", "request"),
      VerdictCache::KeyOf("log", "principali", "d", "request"),
      VerdictCache::KeyOf("log", "other", "id", "request"),
      VerdictCache::KeyOf("other", "principal", "id", "request"),
      VerdictCache::KeyOf("log", "principal", "other", "request"),
  };
  EXPECT_EQ(keys.size(), 6u);
}

TEST(VerdictCacheTest, WhatWasSaidOfALogIsForgottenOnceItIsOpenedAgain) {
  redis::NullCache nobody;
  VerdictCache cache(&nobody);
  cache.Remember("key", "first", /*log_opened_us=*/1);
  EXPECT_EQ(cache.Recall("key", 1), "first");
  EXPECT_EQ(cache.Recall("key", 2), std::nullopt);
  cache.Remember("key", "second", 2);
  EXPECT_EQ(cache.Recall("key", 1), std::nullopt);
  EXPECT_EQ(cache.Recall("key", 2), "second");
}

TEST(VerdictCacheTest, WhatWasNotRecalledForLongestGoesFirst) {
  redis::NullCache nobody;
  VerdictCache cache(&nobody, /*max_bytes=*/1000);
  const std::string response(100, 'r');
  for (const char* key : {"a", "b", "c", "d"}) cache.Remember(key, response, 1);
  EXPECT_EQ(cache.Recall("a", 1), response);
  cache.Remember("e", response, 1);
  EXPECT_EQ(cache.Recall("b", 1), std::nullopt);
  EXPECT_EQ(cache.Recall("a", 1), response);
  EXPECT_EQ(cache.Recall("e", 1), response);
  cache.Remember("large", std::string(500, 'r'), 1);
  EXPECT_EQ(cache.Recall("large", 1), std::nullopt);
}

}  // namespace
}  // namespace tidemark::ingest
