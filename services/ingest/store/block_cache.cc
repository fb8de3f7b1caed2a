#include "services/ingest/store/block_cache.h"

#include <algorithm>
#include <utility>

namespace tidemark::ingest {

std::optional<BlockCache::Entry> BlockCache::Find(uint64_t leaf) {
  base::MutexLock lock(mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(), [leaf](const Entry& entry) {
    return entry.ref.first_leaf <= leaf && leaf < entry.ref.end_leaf();
  });
  if (found == entries_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found);
  return entries_.front();
}

void BlockCache::Put(Entry entry, uint64_t generation) {
  base::MutexLock lock(mutex_);
  if (generation != generation_) return;
  bytes_ += entry.bytes->size();
  entries_.push_front(std::move(entry));
  while (bytes_ > max_bytes_ && entries_.size() > 1) {
    bytes_ -= entries_.back().bytes->size();
    entries_.pop_back();
  }
}

void BlockCache::Clear() {
  base::MutexLock lock(mutex_);
  entries_.clear();
  bytes_ = 0;
  ++generation_;
}

uint64_t BlockCache::generation() const {
  base::MutexLock lock(mutex_);
  return generation_;
}

}  // namespace tidemark::ingest
