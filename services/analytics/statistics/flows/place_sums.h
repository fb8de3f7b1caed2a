#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_PLACE_SUMS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_PLACE_SUMS_H_

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// What flows are to one place in one period. Flows with an end that is no place (UNKNOWN, or
// recorded above the level asked) are neither own, out nor in, at either end.
struct PlaceSums {
  // A row of the flows that it occurs in.
  uint32_t row = 0;
  // Of its residents: total = own + out + total_unplaced.
  __int128 total = 0;
  __int128 own = 0;
  __int128 out = 0;
  __int128 total_unplaced = 0;
  // What it serves: served = own + in + served_unplaced.
  __int128 served = 0;
  __int128 in = 0;
  __int128 served_unplaced = 0;
};

// The places of a table of flows, which has the columns `from`, `to` and `gross` and rows by
// ascending period.
class Places {
 public:
  explicit Places(const Table& flows);

  const std::vector<Member>& members() const { return members_; }
  // By period (position in the column, 0 where there is none) and position in members().
  const std::map<std::pair<uint32_t, uint32_t>, PlaceSums>& sums() const { return sums_; }
  // Of all places, by period; total equals served.
  const std::map<uint32_t, PlaceSums>& totals() const { return totals_; }

 private:
  std::vector<Member> members_;
  std::map<std::pair<uint32_t, uint32_t>, PlaceSums> sums_;
  std::map<uint32_t, PlaceSums> totals_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_FLOWS_PLACE_SUMS_H_
