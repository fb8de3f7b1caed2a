#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_BACKOFF_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_BACKOFF_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tidemark::submit {

// Whether the same call may succeed later. RESOURCE_EXHAUSTED without RetryInfo is how gRPC says
// that a message is too large for the other side, which time does not heal: it passes for
// `attempts` up to 8 only.
bool IsPassing(const absl::Status& status, int attempts);

// Wait before the attempt after `attempts` failed ones: what the server's RetryInfo says plus up
// to a half of it, else initial x 2^(attempts-1), at most `max`, of which a random part between a
// half and all is waited. `random` is any 64 random bits.
absl::Duration RetryDelay(const absl::Status& status, int attempts, absl::Duration initial,
                          absl::Duration max, uint64_t random);

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_BACKOFF_H_
