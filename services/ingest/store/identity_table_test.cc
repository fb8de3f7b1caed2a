#include "services/ingest/store/identity_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace tidemark::ingest {
namespace {

Fingerprint Random(std::mt19937_64& random) { return {random(), random()}; }

std::pair<uint64_t, uint64_t> KeyOf(const Fingerprint& f) {
  // What an entry keeps of a fingerprint.
  return {f.low, f.high & 0xFFFFFF};
}

TEST(IdentityTableTest, EqualsAMapThroughGrowth) {
  IdentityTable table(SIZE_MAX);
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> model;
  std::mt19937_64 random(1);
  std::vector<Fingerprint> keys;
  for (uint64_t leaf = 0; leaf < 300'000; ++leaf) {
    const bool repeat = !keys.empty() && random() % 4 == 0;
    const Fingerprint key = repeat ? keys[random() % keys.size()] : Random(random);
    const auto [it, inserted] = model.emplace(KeyOf(key), leaf);
    ASSERT_EQ(table.FindOrInsert(key, leaf), inserted ? IdentityTable::kNotFound : it->second);
    if (inserted) keys.push_back(key);
  }
  EXPECT_EQ(table.size(), model.size());
  for (const Fingerprint& key : keys) EXPECT_EQ(table.Find(key), model[KeyOf(key)]);
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_EQ(table.Find(Random(random)), IdentityTable::kNotFound);
  }
  const double per_id = static_cast<double>(table.bytes()) / static_cast<double>(table.size());
  EXPECT_GT(per_id, 16);
  EXPECT_LT(per_id, 32);
}

TEST(IdentityTableTest, EqualsAMapWithErasures) {
  IdentityTable table(SIZE_MAX);
  std::map<std::pair<uint64_t, uint64_t>, std::pair<Fingerprint, uint64_t>> model;
  std::mt19937_64 random(2);
  for (uint64_t step = 0; step < 200'000; ++step) {
    // Few segments and few distinct keys, so that tombstones and chains are met all the time.
    const Fingerprint key{random() % 64 << 56 | random() % 32, random() % 4};
    const auto it = model.find(KeyOf(key));
    if (random() % 2 == 0) {
      const uint64_t want = it == model.end() ? IdentityTable::kNotFound : it->second.second;
      ASSERT_EQ(table.FindOrInsert(key, step), want);
      if (it == model.end()) model[KeyOf(key)] = {key, step};
    } else if (it != model.end()) {
      table.Erase(key, it->second.second);
      model.erase(it);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  for (const auto& [unused, entry] : model) EXPECT_EQ(table.Find(entry.first), entry.second);
}

TEST(IdentityTableTest, SameFingerprintIsKeptBesideWhenAskedTo) {
  IdentityTable table(SIZE_MAX);
  const Fingerprint key{123, 456};
  EXPECT_EQ(table.FindOrInsert(key, 1), IdentityTable::kNotFound);
  const uint64_t one[] = {1};
  EXPECT_EQ(table.FindOrInsert(key, 2, one), IdentityTable::kNotFound);
  EXPECT_EQ(table.Find(key, one), 2u);
  const uint64_t both[] = {1, 2};
  EXPECT_EQ(table.Find(key, both), IdentityTable::kNotFound);
  EXPECT_EQ(table.FindOrInsert(key, 3, one), 2u);
}

TEST(IdentityTableTest, MemoryIsBoundedAndTheTableStaysUsable) {
  constexpr size_t kBytes = 1 << 20;
  IdentityTable table(kBytes);
  std::mt19937_64 random(3);
  std::vector<Fingerprint> kept;
  uint64_t leaf = 0;
  for (int refused = 0; refused < 1000; ++leaf) {
    const Fingerprint key = Random(random);
    const uint64_t answer = table.FindOrInsert(key, leaf);
    if (answer == IdentityTable::kFull) {
      ++refused;
    } else {
      kept.push_back(key);
    }
    ASSERT_LE(table.bytes(), kBytes);
  }
  EXPECT_GT(kept.size(), kBytes / 40);
  EXPECT_EQ(table.size(), kept.size());
  for (const Fingerprint& key : kept) EXPECT_NE(table.Find(key), IdentityTable::kNotFound);
}

TEST(IdentityTableTest, LeafZeroAndTheGreatestLeafAreKept) {
  IdentityTable table(SIZE_MAX);
  EXPECT_EQ(table.FindOrInsert({0, 0}, 0), IdentityTable::kNotFound);
  EXPECT_EQ(table.FindOrInsert({1, 0}, IdentityTable::kMaxLeaf), IdentityTable::kNotFound);
  EXPECT_EQ(table.FindOrInsert({2, 0}, IdentityTable::kMaxLeaf + 1), IdentityTable::kFull);
  EXPECT_EQ(table.Find({0, 0}), 0u);
  EXPECT_EQ(table.Find({1, 0}), IdentityTable::kMaxLeaf);
}

TEST(IdentityTableTest, SeveralThreadsMayFillIt) {
  IdentityTable table(SIZE_MAX);
  constexpr uint64_t kEach = 50'000;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&table, t] {
      std::mt19937_64 random(t);
      for (uint64_t i = 0; i < kEach; ++i) ASSERT_TRUE(table.InsertNew(Random(random), t));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(table.size(), 4 * kEach);
  for (uint64_t t = 0; t < 4; ++t) {
    std::mt19937_64 random(t);
    for (uint64_t i = 0; i < kEach; ++i) ASSERT_EQ(table.Find(Random(random)), t);
  }
}

}  // namespace
}  // namespace tidemark::ingest
