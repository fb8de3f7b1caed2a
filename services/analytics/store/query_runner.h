#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_QUERY_RUNNER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_QUERY_RUNNER_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/first_times.h"
#include "services/analytics/store/parallel_scan.h"
#include "services/analytics/store/scan_plan.h"

namespace tidemark::analytics {

using FirstTimesSource = std::function<absl::StatusOr<std::shared_ptr<const ConsumerTimes>>()>;

// Answers a planned query. `first_times` is asked only for new consumers. Errors as StatStore::Run.
absl::StatusOr<EngineResult> RunPlan(const ScanPlan& plan, const ParallelScan& scan,
                                     const FirstTimesSource& first_times);

// The quantiles of every cell with purchases: out[quantile][cell], 0 where there are none.
// `purchases`: number by cell. Not OK: the plan's control stopped it.
absl::StatusOr<std::vector<std::vector<int64_t>>> FindQuantiles(
    const ScanPlan& plan, const ParallelScan& scan, const CellSpace& cells,
    const std::vector<int64_t>& purchases);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_QUERY_RUNNER_H_
