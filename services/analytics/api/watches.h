#ifndef TIDEMARK_SERVICES_ANALYTICS_API_WATCHES_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_WATCHES_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/ticker.h"
#include "common/rpc/call.h"
#include "common/rpc/raw_stream.h"
#include "services/analytics/api/query_handler.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics::v1 {
class WatchRequest;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics {

// Watches: the open streams of StatisticsService.Watch. A watch is looked at when the log has
// grown, at most once in its interval, and not before its last message has left: a slow reader
// costs the table that it was told last, and those who watch the same share one. Thread-safe.
class Watches {
 public:
  struct Options {
    // Nothing is owned; all must be set.
    QueryHandler* queries = nullptr;
    const StatStore* store = nullptr;
    const base::Clock* clock = nullptr;
    // How often it is looked whether the log has grown, and how many watches may be looked at
    // because of it: what waits for the threads of queries would otherwise crowd them out.
    absl::Duration tick = absl::Milliseconds(20);
    size_t most_per_tick = 100;
    // What all tables told may take together.
    size_t max_bytes = size_t{256} << 20;
    uint64_t max_rows = 10'000;
  };
  explicit Watches(Options options);
  ~Watches();

  // INVALID_ARGUMENT and other errors as in statistics_service.proto.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Open(const rpc::CallContext& call,
                                                          const v1::WatchRequest& request,
                                                          std::shared_ptr<rpc::StreamWaker> waker);
  size_t open() const;

 private:
  class Source;
  // What the ticker knows of a watch.
  struct Entry {
    std::shared_ptr<rpc::StreamWaker> waker;
    // When it may be looked at again, and the fold's size when it was last.
    std::atomic<int64_t> due_nanos{0};
    std::atomic<uint64_t> seen_size{0};
    // Woken and not looked at since.
    std::atomic<bool> waits{false};
  };

  void WakeDue();
  void Close(const std::shared_ptr<Entry>& entry);
  // Of one watch. False: there is no room.
  bool Recharge(size_t before, size_t after);

  const Options options_;
  std::atomic<size_t> bytes_{0};
  mutable base::Mutex mutex_;
  absl::flat_hash_set<std::shared_ptr<Entry>> entries_ ABSL_GUARDED_BY(mutex_);
  base::Ticker ticker_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_WATCHES_H_
