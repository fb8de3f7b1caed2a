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

// A table and what it should hold; compared as a whole whenever the table has grown.
class Checked {
 public:
  explicit Checked(uint64_t expected = 0) : table(SIZE_MAX, expected) {}

  void Insert(const Fingerprint& key) {
    const auto [it, inserted] = model_.emplace(KeyOf(key), std::pair{key, leaf_});
    ASSERT_EQ(table.FindOrInsert(key, leaf_++),
              inserted ? IdentityTable::kNotFound : it->second.second);
    if (table.bytes() == bytes_) return;
    bytes_ = table.bytes();
    ++growths;
    ASSERT_NO_FATAL_FAILURE(Check());
  }
  void EraseEveryOther() {
    bool keep = false;
    for (auto it = model_.begin(); it != model_.end();) {
      keep = !keep;
      if (keep) {
        ++it;
        continue;
      }
      ASSERT_TRUE(table.Erase(it->second.first, it->second.second));
      it = model_.erase(it);
    }
  }
  void Check() {
    ASSERT_EQ(table.size(), model_.size());
    for (const auto& [unused, entry] : model_) ASSERT_EQ(table.Find(entry.first), entry.second);
    // In the model's order, each of them.
    auto expected = model_.begin();
    std::vector<IdentityEntry> entries;
    for (size_t segment = 0; segment < IdentityTable::kSegments; ++segment) {
      table.SortedSegment(segment, &entries);
      ASSERT_EQ(entries.size(), table.SegmentSize(segment));
      for (const IdentityEntry& entry : entries) {
        ASSERT_NE(expected, model_.end());
        ASSERT_EQ(entry, IdentityEntry::Of(expected->second.first, expected->second.second));
        ++expected;
      }
    }
    ASSERT_EQ(expected, model_.end());
  }

  IdentityTable table;
  int growths = 0;

 private:
  std::map<std::pair<uint64_t, uint64_t>, std::pair<Fingerprint, uint64_t>> model_;
  uint64_t leaf_ = 0;
  uint64_t bytes_ = table.bytes();
};

TEST(IdentityTableTest, EveryEntryIsThereAfterEachGrowth) {
  for (const uint64_t expected : {0, 100'000}) {
    Checked checked(expected);
    std::mt19937_64 random(4);
    // Three segments of different sizes, and few entries of all.
    for (int i = 0; i < 20'000; ++i) {
      Fingerprint key = Random(random);
      if (i % 4 != 0) key.low = key.low >> 6 | uint64_t{i % 4 == 1 ? 0u : 62u + i % 2} << 58;
      ASSERT_NO_FATAL_FAILURE(checked.Insert(key));
    }
    EXPECT_GT(checked.growths, 20);
    ASSERT_NO_FATAL_FAILURE(checked.Check());
  }
}

TEST(IdentityTableTest, ClustersThatGoRoundASegmentsEndGrow) {
  constexpr uint64_t kOfSegment = (uint64_t{1} << 58) - 1;
  for (const uint64_t expected : {0, 100'000}) {
    Checked checked(expected);
    std::mt19937_64 random(5);
    for (uint64_t i = 0; i < 3000; ++i) {
      // All of one segment: at its end mostly, where they overflow into its first buckets, at its
      // beginning, or anywhere.
      uint64_t low = kOfSegment - random() % 1000;
      if (i % 4 == 0) low = random() % 1000;
      if (i % 4 == 1) low = random() & kOfSegment;
      ASSERT_NO_FATAL_FAILURE(checked.Insert({uint64_t{7} << 58 | low, random()}));
      if (i % 1000 == 500) {
        ASSERT_NO_FATAL_FAILURE(checked.EraseEveryOther());
      }
    }
    EXPECT_GT(checked.growths, 3);
    ASSERT_NO_FATAL_FAILURE(checked.Check());
  }
}

TEST(IdentityTableTest, TombstonesAreClearedWithoutMoreMemory) {
  Checked checked;
  std::mt19937_64 random(6);
  for (int i = 0; i < 20'000; ++i) ASSERT_NO_FATAL_FAILURE(checked.Insert(Random(random)));
  const uint64_t bytes = checked.table.bytes();
  for (int round = 0; round < 20; ++round) {
    ASSERT_NO_FATAL_FAILURE(checked.EraseEveryOther());
    for (int i = 0; i < 5'000; ++i) ASSERT_NO_FATAL_FAILURE(checked.Insert(Random(random)));
  }
  ASSERT_NO_FATAL_FAILURE(checked.Check());
  EXPECT_LE(checked.table.bytes(), bytes);
}

TEST(IdentityTableTest, WhatIsExpectedFitsTightly) {
  for (const uint64_t expected : {300'000, 700'000}) {
    IdentityTable table(SIZE_MAX, expected);
    std::mt19937_64 random(7);
    uint64_t growths = 0;
    for (uint64_t leaf = 0; leaf < expected; ++leaf) {
      const uint64_t bytes = table.bytes();
      table.FindOrInsert(Random(random), leaf);
      growths += table.bytes() == bytes ? 0 : 1;
    }
    // Few segments are larger than the others by more than is planned for.
    EXPECT_LT(table.bytes(), 24 * expected);
    EXPECT_LT(growths, 64 * 10);
  }
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
      for (uint64_t i = 0; i < kEach; ++i)
        ASSERT_TRUE(table.InsertNew(Random(random), t << 32 | i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(table.size(), 4 * kEach);
  for (uint64_t t = 0; t < 4; ++t) {
    std::mt19937_64 random(t);
    for (uint64_t i = 0; i < kEach; ++i) ASSERT_EQ(table.Find(Random(random)), t << 32 | i);
  }
}

}  // namespace
}  // namespace tidemark::ingest
