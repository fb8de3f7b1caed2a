#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CO_CONSUMPTION_SHARED_CONSUMERS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CO_CONSUMPTION_SHARED_CONSUMERS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"

namespace tidemark::analytics {

// When somebody first consumed of a member.
struct FirstOf {
  uint32_t member = 0;
  int64_t first_us = 0;
};

// SharedConsumers: counts who consumed of which members, and of which pairs of them. Members have
// numbers below `members`.
class SharedConsumers {
 public:
  // `within_us`: time from the first of a to the first of b, inclusive, for Then(). `work_left`:
  // pairs that may still be counted, by all that share it; must outlive this.
  SharedConsumers(uint32_t members, int64_t within_us, uint64_t* work_left)
      : members_(members),
        within_us_(within_us),
        work_left_(work_left),
        consumers_(members),
        both_(size_t{members} * members),
        then_(size_t{members} * members) {}

  // Of one consumer, each member at most once. RESOURCE_EXHAUSTED (TOO_MUCH_WORK).
  absl::Status Add(std::span<const FirstOf> consumed);

  int64_t Consumers(uint32_t member) const { return consumers_[member]; }
  // Symmetrical.
  int64_t Both(uint32_t a, uint32_t b) const { return both_[Pair(a, b)]; }
  // Consumers of both whose first of b is not before their first of a, and at most the time after.
  int64_t Then(uint32_t a, uint32_t b) const { return then_[Pair(a, b)]; }
  static uint64_t BytesFor(uint64_t members) { return members * members * 16 + members * 8; }

 private:
  size_t Pair(uint32_t a, uint32_t b) const { return size_t{a} * members_ + b; }

  const uint32_t members_;
  const int64_t within_us_;
  uint64_t* const work_left_;
  std::vector<int64_t> consumers_;
  std::vector<int64_t> both_;
  std::vector<int64_t> then_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CO_CONSUMPTION_SHARED_CONSUMERS_H_
