#ifndef TIDEMARK_SERVICES_INGEST_API_TAIL_H_
#define TIDEMARK_SERVICES_INGEST_API_TAIL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/rpc/raw_stream.h"
#include "services/ingest/domain/log_store.h"

namespace tidemark::ingest::v1 {
class TailRequest;
}

namespace tidemark::ingest {

// Every follower hears the log's size at least this often.
inline constexpr absl::Duration kTailHeartbeat = absl::Seconds(2);

// Wakes the followers of the log: when it grows, and now and then for heartbeats. Thread-safe.
class TailHub {
 public:
  void Add(std::shared_ptr<rpc::StreamWaker> waker);
  void Remove(const std::shared_ptr<rpc::StreamWaker>& waker);
  void WakeAll();

 private:
  base::Mutex mutex_;
  std::vector<std::shared_ptr<rpc::StreamWaker>> wakers_ ABSL_GUARDED_BY(mutex_);
};

// Opens one follower: blocks as stored, from the one that holds from_leaf, then live. A slow
// follower costs one block of memory. OUT_OF_RANGE, FAILED_PRECONDITION (LOG_ID_MISMATCH).
absl::StatusOr<std::unique_ptr<rpc::StreamSource>> OpenTail(
    LogStore* log, TailHub* hub, const base::Clock* clock, const v1::TailRequest& request,
    std::shared_ptr<rpc::StreamWaker> waker);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_TAIL_H_
