#ifndef TIDEMARK_SERVICES_INGEST_API_OVERLOAD_H_
#define TIDEMARK_SERVICES_INGEST_API_OVERLOAD_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/status/error.h"

namespace tidemark::ingest {

// A batch that the method's budget has no room for: RESOURCE_EXHAUSTED (OVERLOADED) with RetryInfo
// of `delay` (rpc::UnaryReply::RetryDelay).
inline absl::Status Overloaded(absl::Duration delay) {
  return status::WithRetryAfter(
      status::WithReason(
          absl::ResourceExhaustedError("too many events are under way; try again later"),
          "OVERLOADED"),
      delay);
}

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_OVERLOAD_H_
