#include "services/analytics/statistics/co_consumption/shared_consumers.h"

#include "common/status/error.h"

namespace tidemark::analytics {

absl::Status SharedConsumers::Add(std::span<const FirstOf> consumed) {
  const uint64_t work = consumed.size() * consumed.size();
  if (work > *work_left_) {
    return status::WithReason(
        absl::ResourceExhaustedError(
            "too many consumers share too many members; take a wider level, more filters or a "
            "shorter range"),
        "TOO_MUCH_WORK");
  }
  *work_left_ -= work;
  for (const FirstOf& a : consumed) {
    ++consumers_[a.member];
    for (const FirstOf& b : consumed) {
      const size_t pair = Pair(a.member, b.member);
      ++both_[pair];
      // Times are apart by less than 2^63.
      if (b.first_us >= a.first_us && b.first_us - a.first_us <= within_us_) ++then_[pair];
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
