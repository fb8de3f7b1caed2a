#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_QUERY_CONTROL_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_QUERY_CONTROL_H_

#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "common/base/mutex.h"

namespace tidemark::analytics {

// Bytes that all queries of a store may use together. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(uint64_t bytes) : bytes_(bytes) {}

  uint64_t bytes() const { return bytes_; }
  uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  // False: that much is not left; nothing was taken.
  bool Take(uint64_t bytes);
  void Give(uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  const uint64_t bytes_;
  std::atomic<uint64_t> used_{0};
};

// Whether one query may go on, and what memory it uses: every table that grows with cells,
// consumers, orders or codes is taken from its budget before it is made. The first failure is the
// query's answer; those who see it stop early and may leave their work in any state. Thread-safe.
class QueryControl {
 public:
  // `stop` as EngineQuery::stop. It and `all` must outlive the control.
  QueryControl(const std::function<absl::Status()>& stop, uint64_t query_bytes, MemoryBudget* all)
      : stop_(stop), query_bytes_(query_bytes), all_(all) {}
  // Gives back what is still taken.
  ~QueryControl() { all_->Give(used()); }
  QueryControl(const QueryControl&) = delete;
  QueryControl& operator=(const QueryControl&) = delete;

  // To be asked between pieces of work of about a millisecond. False: leave; status() says why.
  bool Continue();
  // False, and the query fails with RESOURCE_EXHAUSTED, when the budget does not have them.
  bool Take(uint64_t bytes);
  void Give(uint64_t bytes);
  void Fail(absl::Status status);
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  absl::Status status() const;
  uint64_t query_bytes() const { return query_bytes_; }
  uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::function<absl::Status()>& stop_;
  const uint64_t query_bytes_;
  MemoryBudget* const all_;
  std::atomic<uint64_t> used_{0};
  std::atomic<bool> failed_{false};
  mutable base::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

// Memory that is given back at the end of a block. When there is none the control has failed.
class TakenMemory {
 public:
  TakenMemory(QueryControl& control, uint64_t bytes)
      : control_(control), bytes_(control.Take(bytes) ? bytes : 0) {}
  ~TakenMemory() { control_.Give(bytes_); }
  TakenMemory(const TakenMemory&) = delete;
  TakenMemory& operator=(const TakenMemory&) = delete;

 private:
  QueryControl& control_;
  const uint64_t bytes_;
};

// Cells that are gone through in about a millisecond.
inline constexpr size_t kCellsPerLook = 65'536;

absl::Status TooManyCells(uint64_t max_cells);

// The status for memory that the system did not give.
absl::Status OutOfMemory();

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_QUERY_CONTROL_H_
