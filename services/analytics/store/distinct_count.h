#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_COUNT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_COUNT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "services/analytics/store/distinct_sink.h"
#include "services/analytics/store/parallel_scan.h"

namespace tidemark::analytics {

// Of each cell the ids whose effects in it sum to more than 0.
struct DistinctCounts {
  std::vector<int64_t> all;
  std::vector<int64_t> wanted;  // of those ids with a group that is the cell's
};
struct WantedIds {
  const std::vector<uint32_t>* group_of_id = nullptr;  // nullptr: nothing is wanted
  std::vector<uint32_t> group_of_cell;
};

// Counts what the sinks of all threads have together, on as many threads. The sinks are of no use
// afterwards. Once the control of the sinks has failed the counts are not to be used.
DistinctCounts CountDistinct(const ParallelScan& scan, const WantedIds& wanted,
                             std::vector<std::unique_ptr<DistinctSink>>* sinks);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_COUNT_H_
