#include "services/analytics/app/checkpoint_sizes.h"

#include <algorithm>

namespace tidemark::analytics {

void CheckpointSizes::Add(uint64_t size) {
  base::MutexLock lock(mutex_);
  if (!sizes_.empty() && size <= sizes_.back()) return;
  sizes_.push_back(size);
  if (sizes_.size() > kMostSizes) sizes_.pop_front();
}

uint64_t CheckpointSizes::NewestUpTo(uint64_t folded_size) const {
  base::MutexLock lock(mutex_);
  const auto it = std::upper_bound(sizes_.begin(), sizes_.end(), folded_size);
  return it == sizes_.begin() ? 0 : *(it - 1);
}

}  // namespace tidemark::analytics
