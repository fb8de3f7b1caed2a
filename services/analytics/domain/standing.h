#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STANDING_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STANDING_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "clients/cpp/ledger/record.h"
#include "services/analytics/domain/source_day.h"

namespace tidemark::analytics {

// What an event of a kind adds to its source's day; a VOID nothing.
DaySums SumsOf(ledger::EventKind kind, int64_t amount);

// How one record changes what stands of a source at a time.
struct StandingChange {
  std::string_view source;
  int64_t event_time_us = 0;
  DaySums sums;
};
// Adds up changes of one source and time, as far as sums fit 64 bits; those of nothing are left
// out.
class StandingChanges {
 public:
  void Clear() { changes_.clear(); }
  // `sign`: 1 or -1; sums are not negative.
  void Add(std::string_view source, int64_t event_time_us, const DaySums& sums, int sign);
  // Adds up, and drops what came to nothing.
  const std::vector<StandingChange>& Settle();

 private:
  std::vector<StandingChange> changes_;
};

// StandingCorrections: what stands of sources, less what the effects that count as events say of
// them. The two differ by refunds that do not count, by events that another source's of the same
// transaction stands before, and by refunds of another source's events, which have that source.
// About 50 bytes for each. By the log size from which each applies. Not thread-safe.
class StandingCorrections {
 public:
  void Add(uint64_t effective, const StandingChange& change);
  // Calls `take` for those of the source with an event time in [start_us, end_us) that apply below
  // `log_size`.
  void ForEach(std::string_view source, int64_t start_us, int64_t end_us, uint64_t log_size,
               absl::FunctionRef<void(int64_t event_time_us, const DaySums&)> take) const;
  size_t memory_bytes() const { return count_ * sizeof(Entry) * 3 / 2; }

 private:
  struct Entry {
    uint64_t effective;
    int64_t event_time_us;
    DaySums sums;
  };
  // By day in UTC.
  using Days = absl::btree_map<int64_t, std::vector<Entry>>;
  absl::flat_hash_map<std::string, Days> sources_;
  size_t count_ = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STANDING_H_
