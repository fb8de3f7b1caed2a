#ifndef TIDEMARK_SERVICES_INGEST_STORE_FROZEN_IDENTITIES_H_
#define TIDEMARK_SERVICES_INGEST_STORE_FROZEN_IDENTITIES_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "services/ingest/store/identity_run_folder.h"
#include "services/ingest/store/identity_run_set.h"
#include "services/ingest/store/identity_table.h"

namespace tidemark::ingest {

// The older identities of a log, in sorted runs on disk. A full table is written as a run by one
// thread of its own; another merges runs, so that they are few, and makes damaged ones again from
// the log. Both work while look-ups go on.
//
// Thread-safe. A run is only ever made of leaves that are durable, so nothing in it is taken back.
class FrozenIdentities {
 public:
  struct Options {
    IdentityRunFolder::Options folder;
    // Adds the identities of the log's leaves [begin, end) to a table. Called by Open() and by
    // the thread that repairs.
    std::function<absl::Status(uint64_t begin, uint64_t end, IdentityTable* table)> read_log;
    // Most identities of a table that runs are made of here.
    uint64_t table_entries = 0;
    // Between attempts to write after one failed. Merging, which writes most and is urgent least,
    // waits twice as long after every failure.
    absl::Duration retry_after = absl::Seconds(1);
  };
  // Consistent with each other.
  struct View {
    std::shared_ptr<const IdentityRunSet> runs;
    // A table that is taken over and not in `runs` yet; null: none.
    std::shared_ptr<IdentityTable> pending;
    // Why it is still pending, when writing it failed.
    absl::Status failure;
  };

  // Reads the folder, and makes what is missing from the log, which ends at `log_end`: after it at
  // most `table_entries` leaves are behind the last run. DATA_LOSS of the log; errors of writing.
  static absl::StatusOr<std::unique_ptr<FrozenIdentities>> Open(Options options, uint64_t log_end);
  // Leaves what is being written: the next Open() makes it again.
  ~FrozenIdentities();

  View view() const;
  // Of tables that are in runs already and still looked at by somebody.
  size_t retired_bytes() const;
  // Takes over a table whose leaves are all below `end_leaf` and not below that of the last run.
  // No table is pending. The caller changes it only to take back what is not durable.
  void Freeze(std::shared_ptr<IdentityTable> table, uint64_t end_leaf);
  // The log is durable below `end_leaf`.
  void BecameDurable(uint64_t end_leaf);
  // The run could not be read: it is made again.
  void ReportDamage(std::shared_ptr<const IdentityRun> run, const absl::Status& why);

  // Blocks until nothing that was reported is damaged, or a repair failed, and returns why.
  absl::Status WaitUntilRepaired();
  // Blocks until there is nothing to write, merge or repair, or something of that failed, and
  // returns why. For tests and benchmarks.
  absl::Status WaitUntilIdle();

 private:
  using Views = std::vector<IdentityRunView>;

  explicit FrozenIdentities(Options options);
  absl::Status FillAtOpen(uint64_t log_end, std::vector<IdentityRunView> views,
                          const std::vector<IdentityRunName>& gaps);
  // Runs of the log's leaves, each made of at most so many.
  absl::StatusOr<Views> MakeAgain(const IdentityRunName& leaves, uint64_t entries_at_once) const;

  void RunFreezer();
  absl::Status FreezePending(const IdentityTable& table);
  bool CanFreeze() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tables that nobody looks at any more; freeing one takes milliseconds.
  std::vector<std::shared_ptr<IdentityTable>> TakeRetired() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void RunMerger();
  // The runs that should be one, of the newest; empty: none.
  Views RunsToMerge() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status MergeRuns(const Views& views);
  absl::Status Repair(const IdentityRun& run);
  // Returns what was there before, to be freed without the lock.
  [[nodiscard]] std::shared_ptr<const IdentityRunSet> Publish(Views views)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Until stopping; or, if so wanted, until there is something to repair.
  void WaitToRetry(absl::Duration delay, bool until_damage) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Stopping() const { return stopping_.load(std::memory_order_relaxed); }

  const Options options_;
  IdentityRunFolder folder_;

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  std::shared_ptr<const IdentityRunSet> runs_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<IdentityTable> pending_ ABSL_GUARDED_BY(mutex_);
  uint64_t pending_end_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t durable_end_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<IdentityTable>> retired_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const IdentityRun>> damaged_ ABSL_GUARDED_BY(mutex_);
  absl::Status repair_failure_ ABSL_GUARDED_BY(mutex_);
  absl::Status merge_failure_ ABSL_GUARDED_BY(mutex_);
  bool merger_busy_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<bool> stopping_{false};
  std::thread freezer_;
  std::thread merger_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_FROZEN_IDENTITIES_H_
