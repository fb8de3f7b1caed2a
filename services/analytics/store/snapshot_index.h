#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_SNAPSHOT_INDEX_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_SNAPSHOT_INDEX_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// When each block was accepted, where the catalog changed, and what times the events have so far.
// 32 bytes a block. Not thread-safe.
class SnapshotIndex {
 public:
  using TimeBounds = StatStore::TimeBounds;

  // `times`: of the block's effects.
  void Add(uint64_t end_leaf, int64_t accepted_time_us, const std::vector<EffectBatch::Mark>& marks,
           const TimeBounds& times);

  // Of a log size up to the last end_leaf.
  SnapshotInfo At(uint64_t log_size) const;
  uint64_t LogSizeAt(int64_t accepted_time_us) const;
  // The largest end of a block that is not above log_size, and the bounds of all effects below
  // that.
  uint64_t TimesAt(uint64_t log_size, TimeBounds* times) const;

  // Appends the blocks that end in (first_leaf, end_leaf] as end leaf, accepted time, first and
  // last event time of all effects up to there, 8 bytes each; the marks in [first_leaf, end_leaf)
  // as leaf, version (8 bytes each) and hash (32 bytes).
  void AppendBlocks(uint64_t first_leaf, uint64_t end_leaf, std::string* out) const;
  void AppendMarks(uint64_t first_leaf, uint64_t end_leaf, std::string* out) const;
  // Adds them again; false when they do not continue the index up to `end_leaf`.
  bool Load(std::string_view blocks, std::string_view marks, uint64_t end_leaf);
  size_t memory_bytes() const {
    return blocks_.size() * sizeof(Block) + marks_.size() * sizeof(marks_[0]);
  }

 private:
  struct Block {
    uint64_t end_leaf = 0;
    int64_t accepted_time_us = 0;
    TimeBounds times;  // of all effects below end_leaf
  };
  std::vector<Block> blocks_;
  std::vector<EffectBatch::Mark> marks_;
};

// Bounds of both; {0, -1} holds nothing.
StatStore::TimeBounds Join(const StatStore::TimeBounds& a, const StatStore::TimeBounds& b);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SNAPSHOT_INDEX_H_
