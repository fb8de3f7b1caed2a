#ifndef TIDEMARK_SERVICES_INGEST_STORE_BLOCK_CACHE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_BLOCK_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "services/ingest/domain/log_store.h"

namespace tidemark::ingest {

// The blocks that followers asked for last, so that each is fetched once however many follow.
// Thread-safe.
class BlockCache {
 public:
  struct Entry {
    BlockRef ref;
    std::shared_ptr<const std::string> bytes;
  };
  explicit BlockCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  // The block that holds `leaf`.
  std::optional<Entry> Find(uint64_t leaf);
  // Drops what was not asked for longest; keeps one block of any size. `generation`: what
  // generation() was before the block was fetched; it is not kept when Clear() came since.
  void Put(Entry entry, uint64_t generation);
  // The log may be another one from here on.
  void Clear();
  uint64_t generation() const;

 private:
  const size_t max_bytes_;
  mutable base::Mutex mutex_;
  // Last used first. A dozen or so at 16,384 events a block.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_BLOCK_CACHE_H_
