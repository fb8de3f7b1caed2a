#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_FIRST_TIMES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_FIRST_TIMES_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "services/analytics/store/columns.h"
#include "services/analytics/store/query_control.h"

namespace tidemark::analytics {

// Time of each consumer's first purchase or use, by dense number.
using ConsumerTimes = std::vector<int64_t>;
inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// Computes first times by reading every effect of a snapshot, and keeps the answer of the largest
// one so that the next reads only what came since. Queries at one snapshot share one answer, and
// only one of them computes it. Thread-safe.
class FirstTimes {
 public:
  // `groups`: all rows below log_size and maybe some above; `consumers`: their highest dense
  // number, at least. Effects of `unseen_sources` (ascending) are passed over. The memory of a new
  // answer is taken from `control` until the query ends. Not OK: the control's status.
  absl::StatusOr<std::shared_ptr<const ConsumerTimes>> At(
      uint64_t log_size, uint32_t consumers, const std::vector<CodeId>& unseen_sources,
      const std::vector<const RowGroup*>& groups, QueryControl& control);
  // Of the answer that is kept.
  uint64_t memory_bytes() const;

 private:
  // An answer that somebody makes or uses.
  struct Version {
    uint64_t log_size = 0;
    std::vector<CodeId> unseen_sources;
    bool making = true;
    std::weak_ptr<const ConsumerTimes> times;
  };
  class Maker;

  // The answer that somebody has, else nullptr and the caller has to make it in *version.
  absl::StatusOr<std::shared_ptr<const ConsumerTimes>> Join(
      uint64_t log_size, const std::vector<CodeId>& unseen_sources, QueryControl& control,
      std::shared_ptr<Version>* version);
  // Where to start: the kept answer when it can be gone on with.
  std::shared_ptr<const ConsumerTimes> Base(const Version& version, uint64_t* log_size) const;
  absl::StatusOr<std::shared_ptr<const ConsumerTimes>> Make(
      const Version& version, uint32_t consumers, const std::vector<const RowGroup*>& groups,
      QueryControl& control) const;
  void Publish(const std::shared_ptr<Version>& version, std::shared_ptr<const ConsumerTimes> times);

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<std::shared_ptr<Version>> versions_ ABSL_GUARDED_BY(mutex_);
  uint64_t kept_log_size_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<CodeId> kept_unseen_sources_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const ConsumerTimes> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_FIRST_TIMES_H_
