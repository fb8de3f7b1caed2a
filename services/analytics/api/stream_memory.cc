#include "services/analytics/api/stream_memory.h"

#include "absl/time/time.h"
#include "common/status/error.h"

namespace tidemark::analytics {

absl::Status StreamsFull() {
  return status::WithRetryAfter(
      status::WithReason(absl::ResourceExhaustedError(
                             "the answers that are being read take too much memory; read those "
                             "that are open to their end, narrow the query, or ask again"),
                         "STREAMS_FULL"),
      absl::Seconds(1));
}

absl::Status StreamMemory::Take(size_t bytes) {
  const size_t before = bytes_.fetch_add(bytes);
  if (before == 0 || before + bytes <= max_bytes_) return absl::OkStatus();
  Give(bytes);
  return StreamsFull();
}

}  // namespace tidemark::analytics
