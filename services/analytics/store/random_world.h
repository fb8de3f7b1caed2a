// Small random worlds of effects and queries, for tests that compare stores.
#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_RANDOM_WORLD_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_RANDOM_WORLD_H_

#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// One effect, spelled out. An empty text is absent.
struct PlainEffect {
  uint64_t leaf = 0;
  EffectKind kind = EffectKind::kPurchase;
  int64_t time_us = 0;
  int64_t amount = 0;
  int64_t voucher = 0;
  int64_t quantity = 0;
  std::array<std::string, kFieldCount> fields;
  std::string order;
  std::string pseudonym;  // 16 bytes
};

// An EffectBatch with the memory it points to.
class OwnedBatch {
 public:
  OwnedBatch(std::string log_id, uint64_t first_leaf, uint32_t records,
             std::vector<PlainEffect> effects, std::vector<EffectCopy> copies,
             int64_t accepted_time_us);
  // Each effect at a leaf of its own, behind `extra_records` that have none.
  OwnedBatch(std::string log_id, uint64_t first_leaf, uint32_t extra_records,
             std::vector<PlainEffect> effects, int64_t accepted_time_us);
  OwnedBatch(const OwnedBatch&) = delete;
  OwnedBatch& operator=(const OwnedBatch&) = delete;
  EffectBatch& batch() { return batch_; }

 private:
  struct Text {
    std::vector<std::string_view> entries;
    std::vector<uint32_t> index;
  };
  template <typename Get>
  void Fill(Get get, Text* text, TextColumn* column);

  const std::vector<PlainEffect> effects_;
  const std::vector<EffectCopy> copies_;
  std::vector<EffectKind> kinds_;
  std::vector<uint64_t> effective_;
  std::vector<int64_t> times_, amounts_, vouchers_, quantities_;
  std::array<Text, kFieldCount> fields_;
  Text order_;
  std::string pseudonyms_;
  std::vector<uint32_t> pseudonym_index_;
  EffectBatch batch_;
};

// What a random world is like; drawn from the seed.
class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed);

  // The next block of the log, up to `max_effects` effects; some take earlier ones back.
  std::unique_ptr<OwnedBatch> NextBlock(size_t max_effects);
  // A query over what there is so far.
  EngineQuery Query(const StatStore& store);
  // Below n; n > 0.
  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }
  int64_t RandomTime();
  int64_t accepted_time_us() const { return accepted_; }

 private:
  PlainEffect RandomEffect();
  EffectCopy RandomCopy();
  int64_t RandomAmount();
  std::vector<TimeSlice> RandomSlices(uint32_t periods, uint32_t mappings);
  std::vector<std::shared_ptr<const GroupTable>> RandomTables(size_t codes, uint32_t groups,
                                                              uint32_t mappings,
                                                              int dropped_percent);

  std::mt19937_64 random_;
  std::array<uint64_t, kFieldCount> vocabulary_ = {};  // 0: always absent
  uint64_t months_ = 1, consumers_ = 1, orders_ = 1;
  int64_t start_us_ = 0, step_us_ = 1;
  int amounts_ = 0;
  int negative_percent_ = 0, copy_percent_ = 0;
  uint64_t leaf_ = 0;
  int64_t accepted_ = 1'000;
  std::vector<uint64_t> own_;     // leaves of events with an effect
  std::vector<EffectCopy> open_;  // what a - may still take back
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_RANDOM_WORLD_H_
