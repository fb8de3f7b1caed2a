#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_OVERLAPS_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_OVERLAPS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/analytics/domain/linked_events.h"
#include "services/analytics/domain/precedence.h"

namespace tidemark::analytics {

// What two sources both reported; see Overlap in analytics_service.proto.
struct SourceOverlap {
  std::string_view counted, other;
  uint64_t events = 0;
  int64_t counted_amount = 0, other_amount = 0;
  uint64_t differing = 0;
};

// The pairs of sources with a transaction in common, by both names, of the events that count with
// an event time in [first_us, end_us). Events of the counted source itself are in no pair.
// OUT_OF_RANGE: a sum of amounts does not fit 64 bits.
absl::StatusOr<std::vector<SourceOverlap>> OverlapsOf(std::vector<TransactionMember> members,
                                                      const Precedence& precedence,
                                                      int64_t first_us, int64_t end_us);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_OVERLAPS_H_
