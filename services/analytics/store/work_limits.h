#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_WORK_LIMITS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_WORK_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace tidemark::analytics {

// Where a query changes its way of working, and the most that it may use. Answers never depend on
// them, only whether there is one; tests set them low to take every way.
struct WorkLimits {
  // Cells are kept by number, without looking for those that occur, when there are at most
  // few_cells possible ones, or at most 4 per row and dense_bytes per thread.
  uint64_t few_cells = 4096;
  uint64_t dense_bytes = 64 << 20;
  // Distinct ids are kept in bitmaps up to this size per thread, beyond in lists.
  uint64_t bitmap_bytes = 96 << 20;
  // Histograms of amounts per thread; more cells are done in several scans.
  size_t histogram_bytes = 24 << 20;
  // Amounts that may be collected to select quantiles among them; before that their ranges are
  // narrowed.
  int64_t collect_amounts = 4 << 20;
  // Less than this is read before another thread has woken up.
  uint64_t rows_per_thread = 1 << 17;
  uint64_t rows_per_task = 1 << 16;
  // Memory of one query and of all that run; above, RESOURCE_EXHAUSTED. New consumers take 12 bytes
  // for every pseudonym of the log, distinct counts up to 16 for every row read.
  uint64_t query_bytes = uint64_t{2} << 30;
  uint64_t all_queries_bytes = uint64_t{4} << 30;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_WORK_LIMITS_H_
