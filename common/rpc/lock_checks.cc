#include "common/rpc/lock_checks.h"

#include "absl/synchronization/mutex.h"

namespace tidemark::rpc {

void SkipLockOrderChecks() {
#ifdef NDEBUG
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

}  // namespace tidemark::rpc
