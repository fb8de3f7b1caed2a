#ifndef TIDEMARK_SERVICES_ANALYTICS_API_LOG_STATE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_LOG_STATE_H_

#include <cstdint>

#include "absl/status/status.h"

namespace tidemark::analytics {

// What is known about ingest's log at the moment.
struct LogState {
  // Durable size as last heard.
  uint64_t log_size = 0;
  bool reachable = false;
  // Why nothing more is folded; OK while folding goes on.
  absl::Status stall;
  // Size of the newest checkpoint that is folded; 0: none.
  uint64_t folded_checkpoint = 0;
  // What the log held when this service first heard of it, which its answers at the head cover: one
  // that starts beside others is not behind them. UINT64_MAX while it has not heard; 0: nothing to
  // wait for.
  uint64_t first_size = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_LOG_STATE_H_
