#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_PARALLEL_SCAN_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_PARALLEL_SCAN_H_

#include <cstddef>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/executor.h"
#include "services/analytics/store/cell_space.h"
#include "services/analytics/store/scan_block.h"
#include "services/analytics/store/scan_plan.h"

namespace tidemark::analytics {

// Runs scans on the calling thread and, when there is enough to read, on threads of a pool that
// many queries share.
class ParallelScan {
 public:
  // `pool` may be nullptr and must outlive the scan. `threads`: most threads of one query, the
  // caller's included.
  ParallelScan(base::Executor* pool, int threads) : pool_(pool), threads_(threads) {}

  // Sinks that a scan of the plan needs: one set per thread.
  size_t Threads(const ScanPlan& plan) const;
  // Reads every unit once. Rows go to the sinks of the thread that read them: sinks[thread], at
  // most as many as Threads(). Not OK: the plan's control stopped it, and sinks hold a part only.
  absl::Status Run(const ScanPlan& plan, const CellSpace& cells,
                   const std::vector<std::vector<Sink*>>& sinks) const;
  // As RunTogether() on the pool of the scan.
  void Together(size_t threads, absl::FunctionRef<void(size_t)> work) const;
  // Calls work(i) for every i < count, each on one of so many threads, until `control` says to end.
  void Each(size_t threads, size_t count, QueryControl& control,
            absl::FunctionRef<void(size_t)> work) const;
  // The numbers of the cells that any row falls into; their bytes are taken from the plan's
  // control. RESOURCE_EXHAUSTED as soon as there are more than max_cells.
  absl::StatusOr<CellNumbers> FindCells(const ScanPlan& plan) const;

 private:
  base::Executor* const pool_;
  const int threads_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_PARALLEL_SCAN_H_
