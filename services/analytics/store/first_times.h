#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_FIRST_TIMES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_FIRST_TIMES_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "common/base/mutex.h"
#include "services/analytics/store/columns.h"

namespace tidemark::analytics {

// Time of each consumer's first purchase or use, by dense number.
using ConsumerTimes = std::vector<int64_t>;
inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// Computes first times by reading every effect of a snapshot, and keeps the last answer so that the
// next one reads only what came since. Thread-safe.
class FirstTimes {
 public:
  // `groups`: all rows below log_size and maybe some above; `consumers`: their highest dense
  // number, at least. Effects of `unseen_sources` (ascending) are passed over.
  std::shared_ptr<const ConsumerTimes> At(uint64_t log_size, uint32_t consumers,
                                          const std::vector<CodeId>& unseen_sources,
                                          const std::vector<const RowGroup*>& groups);
  uint64_t memory_bytes() const;

 private:
  mutable base::Mutex mutex_;
  uint64_t log_size_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<CodeId> unseen_sources_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const ConsumerTimes> times_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_FIRST_TIMES_H_
