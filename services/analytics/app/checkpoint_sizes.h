#ifndef TIDEMARK_SERVICES_ANALYTICS_APP_CHECKPOINT_SIZES_H_
#define TIDEMARK_SERVICES_ANALYTICS_APP_CHECKPOINT_SIZES_H_

#include <cstdint>
#include <deque>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"

namespace tidemark::analytics {

// The sizes of the log's checkpoints heard of, so that the newest one that is folded can be told
// while the fold is behind. Thread-safe.
class CheckpointSizes {
 public:
  // Of the newest checkpoint; what is not larger than the last one is nothing new.
  void Add(uint64_t size);
  // Largest size heard of that is at most `folded_size`; 0: none.
  uint64_t NewestUpTo(uint64_t folded_size) const;

  // Five hours of a checkpoint a second. The oldest go first: a fold further behind than that has
  // no checkpoint until it comes nearer.
  static constexpr size_t kMostSizes = 18'000;

 private:
  mutable base::Mutex mutex_;
  std::deque<uint64_t> sizes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_APP_CHECKPOINT_SIZES_H_
