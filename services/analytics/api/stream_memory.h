#ifndef TIDEMARK_SERVICES_ANALYTICS_API_STREAM_MEMORY_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_STREAM_MEMORY_H_

#include <atomic>
#include <cstddef>

#include "absl/status/status.h"

namespace tidemark::analytics {

// RESOURCE_EXHAUSTED (STREAMS_FULL), to be tried again.
absl::Status StreamsFull();

// StreamMemory: what the answers that are being read page by page take. Thread-safe.
class StreamMemory {
 public:
  explicit StreamMemory(size_t max_bytes) : max_bytes_(max_bytes) {}

  // StreamsFull, and nothing is taken; one answer alone may be larger than all may be.
  absl::Status Take(size_t bytes);
  void Give(size_t bytes) { bytes_.fetch_sub(bytes); }
  size_t bytes() const { return bytes_.load(); }

 private:
  const size_t max_bytes_;
  std::atomic<size_t> bytes_{0};
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_STREAM_MEMORY_H_
