#ifndef TIDEMARK_SERVICES_CATALOG_API_WATCH_HUB_H_
#define TIDEMARK_SERVICES_CATALOG_API_WATCH_HUB_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "common/base/mutex.h"

namespace tidemark::rpc {
class StreamWaker;
}

namespace tidemark::catalog {

// The open watches. Thread-safe; outlives them.
class WatchHub {
 public:
  void Add(std::shared_ptr<rpc::StreamWaker> waker);
  void Remove(const std::shared_ptr<rpc::StreamWaker>& waker);

  // There is a new version.
  void Wake();
  // It is time to tell every watcher where the catalog stands, changed or not.
  void Beat();
  // Counts the beats.
  uint64_t beats() const { return beats_.load(std::memory_order_acquire); }

 private:
  std::atomic<uint64_t> beats_{0};
  base::Mutex mutex_;
  absl::flat_hash_set<std::shared_ptr<rpc::StreamWaker>> wakers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_WATCH_HUB_H_
