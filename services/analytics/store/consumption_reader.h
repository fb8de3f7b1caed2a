#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_CONSUMPTION_READER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_CONSUMPTION_READER_H_

#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/parallel_scan.h"
#include "services/analytics/store/scan_plan.h"

namespace tidemark::analytics {

// StatStore::EachConsumer of a planned query.
absl::Status ReadConsumptions(const ScanPlan& plan, const ParallelScan& scan,
                              absl::FunctionRef<absl::Status(std::span<const Consumption>)> take);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CONSUMPTION_READER_H_
